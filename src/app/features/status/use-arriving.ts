import { useEffect, useState } from 'react';
import { useClient, useValue } from '../../use-client.tsx';

/** Whoever was away for a moment has everything again before this. */
const LATE_MILLIS = 1_000;

/** Whether what this device holds is not all of the book yet: what is not to be found may still come. */
export function useArriving(): boolean {
  const arriving = useValue(useClient().status)?.details.arriving ?? null;
  const more = arriving === 'more';
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!more) return;
    const timer = setTimeout(() => setLate(true), LATE_MILLIS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [more]);
  return more ? late : arriving !== null;
}
