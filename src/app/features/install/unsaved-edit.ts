/** Knows whether something typed is not saved yet, so that no reload loses it. */

let typedInto: EventTarget | null = null;

/** Watches where one types, on every screen. Call once per page. */
export function watchEdits(): void {
  document.addEventListener('input', (event) => (typedInto = event.target), { capture: true });
  // Leaving a field saves it or marks it as wrong; what is being saved is the client's to know.
  document.addEventListener('focusout', (event) => {
    if (event.target === typedInto) typedInto = null;
  });
}

/**
 * Whether a reload would lose what somebody typed: a field that is being typed into, one that could not be saved, a window
 * above the page, or a screen that says so itself (`data-unsaved`).
 */
export function hasUnsavedEdit(): boolean {
  if (typedInto instanceof Element && typedInto.isConnected) return true;
  return document.querySelector('[aria-invalid=true], [role=dialog], [role=alertdialog], [data-unsaved]') !== null;
}

/** What stands in fields that it does not fit, as typed: no reload can keep it. */
export function unfittingTexts(): readonly string[] {
  const fields = document.querySelectorAll('input[aria-invalid=true], textarea[aria-invalid=true]');
  return Array.from(fields, (field) => (field as HTMLInputElement | HTMLTextAreaElement).value).filter(
    (text) => text !== '',
  );
}
