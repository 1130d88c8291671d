// Asks the browser for a passkey and posts what it says with the form. Challenge and answer are judged by the server.
(function () {
  "use strict";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (sign) { return sign.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // What must be bytes in the question, and text in the answer ----------------------------------------------------
  function asked(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || []).concat(options.excludeCredentials || []).forEach(function (known) {
      known.id = bytes(known.id);
    });
    return options;
  }

  function said(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    });
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: credential.getClientExtensionResults()
    });
  }

  // One form ------------------------------------------------------------------------------------------------------
  function prepare(form) {
    var button = form.querySelector("[data-passkey-ask]");
    var line = form.querySelector("[data-passkey-said]");

    function say(what) {
      line.textContent = line.dataset[what];
      line.hidden = false;
      button.disabled = false;
    }

    function ask() {
      if (!form.reportValidity()) return;
      button.disabled = true;
      line.hidden = true;
      var options = { publicKey: asked(JSON.parse(form.dataset.question).publicKey) };
      navigator.credentials[form.dataset.passkey](options).then(function (credential) {
        form.querySelector("[name='" + form.dataset.into + "']").value = said(credential);
        form.requestSubmit();
      }).catch(function (error) { say(error.name === "InvalidStateError" ? "twice" : "refused"); });
    }

    button.hidden = false;
    form.querySelector("[data-passkey-without]").hidden = true;
    if (!window.PublicKeyCredential || !navigator.credentials) return say("lacking"), (button.disabled = true);
    button.addEventListener("click", ask);
    form.addEventListener("submit", function (event) {
      // The Enter key in the field of the name, before a passkey was made.
      if (form.dataset.passkey !== "create" || form.querySelector("[name='" + form.dataset.into + "']").value) return;
      event.preventDefault();
      ask();
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(prepare);
})();
