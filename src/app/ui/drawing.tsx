import type { ReactNode } from 'react';

export type DrawingName = 'blankPage' | 'magnifier' | 'basket' | 'pen' | 'balance' | 'lamp' | 'devices';

/** One drawn line each, 160 by 112, in the colour of the text around. */
const DRAWINGS: { readonly [name in DrawingName]: ReactNode } = {
  blankPage: (
    <>
      <path d="M12 92h136M80 88c-14-9-34-11-54-9V26c20-2 40 0 54 9 14-9 34-11 54-9v53c-20-2-40 0-54 9zM80 35v53" />
      <path d="M38 42c10-.6 20 .4 28 3M38 54c10-.6 20 .4 28 3M122 42c-10-.6-20 .4-28 3" />
      <path d="m146 34-34 34-7 2 2-7 34-34a3.5 3.5 0 0 1 5 5z" />
    </>
  ),
  magnifier: (
    <>
      <path d="M20 92h120M36 92V28h56l12 12v18M92 28v12h12M36 92h68v-8" />
      <path d="M48 46h28M48 58h20M48 70h16" />
      <path d="M112 62a17 17 0 1 1-34 0 17 17 0 0 1 34 0zM107 75l17 17" />
    </>
  ),
  basket: (
    <>
      <path d="M24 96h112M52 50l7 46h42l7-46M46 50h68M62 62l4 24M80 62v24M98 62l-4 24" />
      <path d="M66 50c-6-10 2-22 14-24 10-2 20 6 18 16-1 4-4 7-8 8M72 40c4 2 8 1 11-2" />
    </>
  ),
  pen: (
    <>
      <path d="M20 92h120M34 80c16-20 26-20 24-6-1 8 8 6 14-2 5-7 12-8 12 0 0 6 6 6 12 2" />
      <path d="m96 74 4-16 32-38 12 10-32 38zM100 58l12 10M124 30l12 10" />
    </>
  ),
  balance: (
    <>
      <path d="M56 96h48M80 96V26M80 26a4 4 0 1 0 0-8 4 4 0 0 0 0 8M40 34h80" />
      <path d="M40 34 26 66h28zM26 66c2 12 26 12 28 0M120 34l-14 32h28zM106 66c2 12 26 12 28 0" />
    </>
  ),
  lamp: (
    <>
      <path d="M20 96h120M50 96c0-8 36-8 36 0M68 90V58l34-28" />
      <path d="m92 20 22 20c-10 12-26 14-38 6 0-10 6-20 16-26zM112 56l6 12M100 60l2 14M124 48l12 8" />
    </>
  ),
  devices: (
    <>
      <path d="M14 96h132M30 84V34a4 4 0 0 1 4-4h62a4 4 0 0 1 4 4v10M22 84h62M104 96V52a4 4 0 0 1 4-4h20a4 4 0 0 1 4 4v44M112 56h12" />
      <path d="M46 62c6-8 16-8 22 0M68 52v10H58" />
    </>
  ),
};

export function Drawing({ name }: { readonly name: DrawingName }) {
  return (
    <svg
      viewBox="0 0 160 112"
      width="160"
      height="112"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      {DRAWINGS[name]}
    </svg>
  );
}
