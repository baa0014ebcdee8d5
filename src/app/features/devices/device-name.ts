/** Guesses how people would call the device they hold: "Chrome on Linux". It is a suggestion, and they can change it. */
export function guessDeviceName(userAgent: string): string {
  const browser = /\bEdg(e|A|iOS)?\//.test(userAgent)
    ? 'Edge'
    : /\b(OPR|Opera)\//.test(userAgent)
      ? 'Opera'
      : /\bSamsungBrowser\//.test(userAgent)
        ? 'Samsung Internet'
        : /\b(Firefox|FxiOS)\//.test(userAgent)
          ? 'Firefox'
          : /\b(Chrome|Chromium|HeadlessChrome|CriOS)\//.test(userAgent)
            ? 'Chrome'
            : /\bSafari\//.test(userAgent)
              ? 'Safari'
              : 'Browser';
  const system = /\biPhone\b/.test(userAgent)
    ? 'iPhone'
    : /\biPad\b/.test(userAgent)
      ? 'iPad'
      : /\bAndroid\b/.test(userAgent)
        ? 'Android'
        : /\bCrOS\b/.test(userAgent)
          ? 'Chromebook'
          : /\bWindows\b/.test(userAgent)
            ? 'Windows'
            : /\bMac OS X\b|\bMacintosh\b/.test(userAgent)
              ? 'Mac'
              : /\bLinux\b/.test(userAgent)
                ? 'Linux'
                : '';
  return system === '' ? browser : `${browser} on ${system}`;
}
