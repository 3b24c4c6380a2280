// Runs before the first paint, so that a stored dark theme never flashes white.
// A file of its own, because the content security policy refuses inline scripts.
(() => {
  const stored = localStorage.getItem("mantine-color-scheme-value") ?? "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const scheme = stored === "auto" ? (dark ? "dark" : "light") : stored;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
  document.documentElement.style.colorScheme = scheme;
})();
