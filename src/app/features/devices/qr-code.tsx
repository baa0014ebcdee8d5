import { useMemo } from 'react';
import { encode } from 'uqr';

/** Light around a code that readers need, in modules. */
const QUIET = 3;

/** A text to be read by a camera: dark on light whatever the theme, since many readers know nothing else. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, size } = useMemo(() => {
    const { data, size } = encode(text, { ecc: 'M', border: 0 });
    const runs = data.flatMap((row, y) =>
      row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : [])),
    );
    return { path: runs.join(''), size: size + 2 * QUIET };
  }, [text]);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#14171c" />
    </svg>
  );
}
