/**
 * The path that a lenient server would see: decoded as often as it takes, lower case, without doubled or dotted
 * segments, backslashes, or what follows a `;`.
 */
export function canonicalPath(path: string): string {
  let text = path;
  for (let round = 0; round < 3; round++) {
    const decoded = decode(text);
    if (decoded === text) break;
    text = decoded;
  }
  const segments: string[] = [];
  for (const raw of text.replaceAll("\\", "/").toLowerCase().split("/")) {
    const segment = raw.split(";")[0] ?? "";
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

/** True where a path is not written the one way in which routes are matched, but would reach the API elsewhere. */
export function isDisguisedApiPath(path: string): boolean {
  if (/^\/api(?:\/[A-Za-z0-9_.,~-]+)*$/.test(path)) return path.includes("/./") || path.includes("/../") || /\/\.{1,2}$/.test(path);
  const canonical = canonicalPath(path);
  return canonical === "/api" || canonical.startsWith("/api/");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}
