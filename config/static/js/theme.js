// Sets the theme before the first paint and marks that JavaScript runs; everything else waits for attestry.js.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch (refused) {
      return "auto"; // storage may be switched off
    }
  }

  function apply() {
    var theme = chosen();
    root.setAttribute("data-bs-theme", theme === "auto" ? (system.matches ? "dark" : "light") : theme);
  }

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  window.attestryTheme = { chosen: chosen, apply: apply };
})();
