/** Marks a promise as looked after: a handler that forgets to wait for it must not end the process when it rejects. */
export function heeded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
