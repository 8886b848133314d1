const MAX_KEY_LENGTH = 512;
/** A name begins with a letter or a digit: so none is `.`, `..` or hidden, and none means anything to a file system or a URL. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,127})*$/;

/** Lets through keys that mean the same on every storage and lead nowhere else. @throws TypeError */
export function checkFileKey(key: string): string {
  if (key.length > MAX_KEY_LENGTH || !KEY.test(key))
    throw new TypeError("A file's key consists of names of letters, digits, `.`, `_` and `-`.");
  return key;
}

/** As {@link checkFileKey}, for folders: `a/b/`, or the empty text for everything. @throws TypeError */
export function checkFolder(folder: string): string {
  if (folder === "") return folder;
  if (!folder.endsWith("/")) throw new TypeError("A folder ends with a slash.");
  checkFileKey(folder.slice(0, -1));
  return folder;
}
