/**
 * Lets the page's policy refuse strings where code is loaded (`require-trusted-types-for 'script'`): all that this app may
 * start are scripts of its own origin, as workers. Nothing may write HTML or code from text. Import it before anything else.
 */
interface Policies {
  createPolicy(name: 'default', rules: { readonly createScriptURL: (address: string) => string }): unknown;
}

const policies = (globalThis as { readonly trustedTypes?: Policies }).trustedTypes;

policies?.createPolicy('default', {
  createScriptURL: (address) => {
    if (new URL(address, location.href).origin !== location.origin)
      throw new TypeError(`not a script of ours: ${address}`);
    return address;
  },
});
