/** Where the chosen theme is remembered. */
export const THEME_KEY = "heddle.theme";

/** Runs before the first paint, so that no page flashes in the wrong theme. */
export const THEME_SCRIPT = `try{var t=localStorage.getItem("${THEME_KEY}");document.documentElement.classList.toggle("dark",t==="dark"||(t!=="light"&&matchMedia("(prefers-color-scheme: dark)").matches))}catch(e){}`;
