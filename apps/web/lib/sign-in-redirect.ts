const PUBLIC_PATHS = ["/", "/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/invitation"];

/** Sends the visitor to sign in, and back to where they were afterwards. Does nothing on pages that need no session. */
export function goToSignIn(): void {
  const { pathname, search } = window.location;
  if (PUBLIC_PATHS.includes(pathname) || pathname.startsWith("/docs")) return;
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
}

/** Where to go after signing in: the `next` of the address when it is a path of this site, else the agents. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next");
  // `//host` and `/\host` are other sites to a browser.
  return next !== null && /^\/(?![/\\])/.test(next) ? next : "/agents";
}
