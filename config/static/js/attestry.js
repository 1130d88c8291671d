// Comfort on top of pages that work without it: theme, menus, keys, copying, unsaved text, focus on errors.
(function () {
  "use strict";

  function each(selector, act, within) {
    (within || document).querySelectorAll(selector).forEach(act);
  }

  // Theme -------------------------------------------------------------------------------------------------------
  function markTheme() {
    var now = window.attestryTheme.chosen();
    each("[data-theme-choice] [data-theme]", function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === now));
    });
  }

  function chooseTheme(button) {
    try {
      localStorage.setItem("theme", button.dataset.theme);
    } catch (refused) {
      return; // without storage the choice could not be kept, so it is not offered half
    }
    window.attestryTheme.apply();
    markTheme();
  }

  // Menus -------------------------------------------------------------------------------------------------------
  function closeMenus(except) {
    each("details.menu[open]", function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  function toggle(button) {
    var target = document.getElementById(button.dataset.toggle);
    var open = target.classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(open));
  }

  // Copying -----------------------------------------------------------------------------------------------------
  function say(sentence) {
    var line = document.createElement("p");
    line.className = "visually-hidden";
    line.textContent = sentence;
    document.getElementById("messages").append(line);
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      button.classList.add("is-done");
      say(button.dataset.done);
      setTimeout(function () { button.classList.remove("is-done"); }, 1500);
    });
  }

  // What a fresh piece of page needs ----------------------------------------------------------------------------
  function dress(piece) {
    each("[data-theme-choice], .bar-toggle", function (node) { node.hidden = false; }, piece);
    if (navigator.clipboard) each(".copy, .copy-button", function (node) { node.hidden = false; }, piece);
    var first = piece.querySelector("[data-focus-now]");
    if (first) first.focus();
  }

  // Leaving a half-filled form ----------------------------------------------------------------------------------
  var touched = false;

  document.addEventListener("input", function (event) {
    if (event.target.closest("form.form")) touched = true;
  });
  document.addEventListener("submit", function (event) {
    touched = false;
    var button = event.target.querySelector("button[type=submit]");
    // A second click on a binding act is answered by the server; this spares people the error.
    if (event.target.matches("form.form") && button) setTimeout(function () { button.disabled = true; }, 0);
  });
  window.addEventListener("beforeunload", function (event) {
    if (touched) event.preventDefault();
  });
  window.addEventListener("pageshow", function () {
    each("form.form button[type=submit]", function (button) { button.disabled = false; });
  });

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-theme]");
    var copier = event.target.closest("[data-copy]");
    var toggler = event.target.closest("[data-toggle]");
    if (theme) chooseTheme(theme);
    if (copier) copy(copier);
    if (toggler) toggle(toggler);
    closeMenus(event.target.closest("details.menu"));
  });

  document.addEventListener("keydown", function (event) {
    var typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      var open = document.querySelector("details.menu[open]");
      if (open) {
        open.querySelector("summary").focus();
        closeMenus(null);
      }
    }
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var find = document.querySelector("[data-focus-key='/']");
      if (find) {
        event.preventDefault();
        find.focus();
        find.select();
      }
    }
  });

  // htmx says so for the page itself and for every piece that it puts in later.
  document.addEventListener("htmx:load", function (event) { dress(event.target); });
  document.addEventListener("DOMContentLoaded", function () {
    markTheme();
    if (!window.htmx) dress(document);
  });
})();
