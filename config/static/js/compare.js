// Computes the SHA-256 of a file where it is, and writes it into the field beside; the file is sent nowhere.
(function () {
  "use strict";

  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function compare(place) {
    var field = document.getElementById("id_" + place.dataset.compare);
    place.hidden = false;
    place.querySelector("input").addEventListener("change", function (event) {
      var file = event.target.files[0];
      if (!file) return;
      file.arrayBuffer()
        .then(function (content) { return crypto.subtle.digest("SHA-256", content); })
        .then(function (digest) {
          field.value = hex(digest);
          field.form.requestSubmit();
        });
    });
  }

  // Only a page that came over TLS, or from this machine, may compute digests; elsewhere the field alone is there.
  if (window.crypto && crypto.subtle) document.querySelectorAll("[data-compare]").forEach(compare);
})();
