import { ArrowRight, CalendarClock, Check, Ellipsis, GitCompareArrows } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { millisOf } from '../../../core/timestamp.ts';
import type { EntityId } from '../../../core/ids.ts';
import type { Moment } from '../../../core/query.ts';
import { lookAt, lookAtNow } from '../../moment.tsx';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { useNarrow } from '../../ui/use-media.ts';
import { useAnswer } from '../../use-client.tsx';
import { momentHeading } from '../history/when.ts';
import { comparePath } from './compare-path.ts';
import styles from './past-bar.module.css';
import { usePick } from './pick.tsx';

const READINGS = [
  { id: 'dated', label: 'Including changes that arrived later' },
  { id: 'known', label: 'As this device knew it then' },
] as const;

/** Says, on every screen of the past, which moment it is, and leads back. */
export function PastBar({ moment, type }: { readonly moment: Moment; readonly type: EntityId | null }) {
  const pick = usePick();
  const narrow = useNarrow();
  const [path, navigate] = useLocation();
  const since = useAnswer({ kind: 'timeline' })?.completeSince ?? null;
  const millis = millisOf(moment.at);
  const compared = path === '/compare';
  const read = (reading: Moment['reading']) => lookAt({ ...moment, reading }, { replace: true });
  return (
    <section className={styles.bar} aria-label="The past">
      <div className={styles.words}>
        <p className={styles.eyebrow}>The book as of</p>
        <p className={styles.date}>
          <time dateTime={new Date(millis).toISOString()}>{momentHeading(millis)}</time>
        </p>
        {since !== null && moment.at < since && (
          <p className={styles.soft}>
            History is complete since {momentHeading(millisOf(since))}. Of this moment, older values may be missing.
          </p>
        )}
      </div>
      <div className={styles.tools}>
        {narrow && <p className={styles.read}>{READINGS.find(({ id }) => id === moment.reading)?.label}</p>}
        {narrow ? (
          <Menu
            label="More of the past"
            placement="bottom start"
            trigger={<IconButton label="More of the past" icon={<Ellipsis aria-hidden />} />}
            entries={[
              ...(compared
                ? []
                : [
                    {
                      id: 'compare',
                      label: 'Compare with now',
                      icon: <GitCompareArrows aria-hidden />,
                      onAction: () => navigate(comparePath(type)),
                    },
                  ]),
              { id: 'pick', label: 'Another moment', icon: <CalendarClock aria-hidden />, onAction: pick },
              'separator',
              ...READINGS.map(({ id, label }) => ({
                id,
                label,
                icon: id === moment.reading ? <Check aria-hidden /> : <span className={styles.unchecked} />,
                onAction: () => read(id),
              })),
            ]}
          />
        ) : (
          <>
            {!compared && (
              <Link href={comparePath(type)} className={styles.link ?? ''}>
                <GitCompareArrows aria-hidden size={16} />
                Compare with now
              </Link>
            )}
            <Button variant="quiet" icon={<CalendarClock aria-hidden />} onPress={pick}>
              Another moment
            </Button>
          </>
        )}
        <Button variant="primary" icon={<ArrowRight aria-hidden />} onPress={lookAtNow}>
          Back to now
        </Button>
      </div>
      {!narrow && (
        <div className={styles.reading}>
          <Segmented label="Which changes count" segments={READINGS} value={moment.reading} onChange={read} />
        </div>
      )}
    </section>
  );
}
