import { defineHandler } from "@heddle/node-kit";
import { authorize, concealSecrets } from "./authorize.ts";
import { httpRequest } from "./definition.ts";
import { failureOf } from "./failure.ts";
import { composeBody, composeHeaders, composeUrl } from "./compose-request.ts";
import { readResponse } from "./read-response.ts";

const UNSAFE_METHODS = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export const handler = defineHandler(httpRequest, {
  async run({ params, services, signal, idempotencyKey }) {
    const url = composeUrl(params.url, params.query);
    const body = composeBody(params);
    const headers = composeHeaders(params.headers, {
      ...(body === undefined ? {} : { "content-type": body.contentType }),
      ...(UNSAFE_METHODS.has(params.method) ? { "idempotency-key": idempotencyKey } : {}),
    });
    const credential = params.credential === undefined ? undefined : await services.credentials.resolve(params.credential);
    if (credential !== undefined) authorize(headers, credential, url);

    const response = await services.http.request({
      method: params.method,
      url: url.href,
      headers,
      ...(body === undefined ? {} : { body: body.content }),
      timeoutMs: params.timeoutMs,
      // A redirect could carry the secret to a host that the credential is not meant for.
      maxRedirects: credential === undefined ? params.maxRedirects : 0,
      signal,
    });
    const answer = concealSecrets(readResponse(response, params.responseKind), credential);
    const failure = failureOf(answer, { isRedirectUnfollowed: credential !== undefined });
    if (failure !== undefined && params.failOnError) throw failure;
    return { output: answer };
  },
});
