// Passkeys: shows the buttons for them where a browser can, asks it for one, and sends its answer
// with the page's own form. Without this script the desk works with password and code.
"use strict";

const wrong = "No passkey was given. Try once more, or use password and code.";

// What to ask the browser for. It is asked for with the fields of the form, so that whoever adds a
// passkey can prove who they are.
async function options(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.wrong ?? "Reload the page and try once more.");
  return said.publicKey ?? said;
}

async function show(path, fields) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await options(path, fields));
  return JSON.stringify(await navigator.credentials.get({ publicKey }));
}

async function make(path, fields) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await options(path, fields));
  return JSON.stringify(await navigator.credentials.create({ publicKey }));
}

async function answer(button) {
  const { show: shown, make: made } = button.dataset;
  const fields = new FormData(button.form);
  if (!made) return show(shown, fields);
  // Who has no password proves who they are with a passkey they have.
  if (shown) fields.set("answer", await show(shown, fields));
  return make(made, fields);
}

for (const part of document.querySelectorAll("[data-passkeys]")) {
  const can = window.PublicKeyCredential?.parseCreationOptionsFromJSON;
  if (!can || part.dataset.passkeys !== location.origin) continue;
  part.hidden = false;
  const button = part.querySelector("button");
  const said = part.querySelector("[role=alert]");
  button.addEventListener("click", async () => {
    said.textContent = "";
    button.disabled = true;
    try {
      button.form.elements.namedItem("answer").value = await answer(button);
      // A password that was typed has done its work, or was not needed.
      for (const field of button.form.querySelectorAll("[type=password]")) field.value = "";
      button.form.submit();
    } catch (error) {
      said.textContent = error instanceof DOMException ? wrong : error.message;
      button.disabled = false;
    }
  });
}
