import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { later } from '../../ui/later.tsx';

const MomentPicker = later(async () => (await import('./moment-picker.tsx')).MomentPicker);

const PickContext = createContext<() => void>(() => undefined);

/** Asks for a moment to look at, from wherever one is. */
export const usePick = (): (() => void) => use(PickContext);

export function PickProvider({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const pick = useCallback(() => setOpen(true), []);
  return (
    <PickContext value={pick}>
      {children}
      {open && <MomentPicker onClose={() => setOpen(false)} />}
    </PickContext>
  );
}
