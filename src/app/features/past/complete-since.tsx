import { millisOf } from '../../../core/timestamp.ts';
import { useAnswer, useClient, useValue } from '../../use-client.tsx';
import { momentHeading } from '../history/when.ts';
import page from '../shell/page.module.css';

/** Stands where history ends: says since when it is complete, once something older was taken out of it, or is not here yet. */
export function CompleteSince() {
  const since = useAnswer({ kind: 'timeline' })?.completeSince ?? null;
  const told = useValue(useClient().status);
  const arriving = told !== undefined && (told.details.history !== null || told.details.arriving !== null);
  if (arriving) return <p className={page.end}>Older history is still arriving from the server.</p>;
  if (since === null) return null;
  return (
    <p className={page.end}>
      History is complete since {momentHeading(millisOf(since))}. Of what is older only the last values were kept.
    </p>
  );
}
