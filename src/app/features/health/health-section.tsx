import { CircleCheck, CircleDashed, Copy, Stethoscope, TriangleAlert, Wrench } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { DoctorCheck, DoctorProgress, DoctorReport } from '../../../core/health.ts';
import { Button } from '../../ui/button.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { useClient } from '../../use-client.tsx';
import { mendable, reportText, summaryOf, titleOf, wordsOf } from './check-words.ts';
import { DamagedFiles } from './damaged-files.tsx';
import styles from './health.module.css';

/** Where the section stands on its page. */
export const HEALTH = 'health';

/** Looks through the whole book when asked to, says what it found, and puts right what is off. */
export function HealthSection() {
  const client = useClient();
  const [progress, setProgress] = useState<DoctorProgress | null>(null);
  const [report, setReport] = useState<DoctorReport | null>(null);
  const [mending, setMending] = useState(false);
  const [copied, setCopied] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const running = progress !== null;
  useEffect(() => {
    if (location.hash === `#${HEALTH}`) document.getElementById(HEALTH)?.scrollIntoView();
  }, []);
  // Whoever leaves the page does not wait for the end.
  useEffect(() => {
    if (!running) return;
    return () => void client.stopExamining().catch(() => undefined);
  }, [client, running]);

  const check = async () => {
    setProgress({ check: 'file', share: 0 });
    setReport(null);
    setCopied(false);
    setError(null);
    try {
      setReport(await client.examine(setProgress));
    } catch (reason) {
      setError(messageOf(reason));
    }
    setProgress(null);
  };

  const mend = async (found: DoctorReport) => {
    setMending(true);
    setError(null);
    try {
      await client.mend(mendable(found));
      await check();
    } catch (reason) {
      setError(messageOf(reason));
    }
    setMending(false);
  };

  const copy = async (found: DoctorReport) => {
    const about = { version: import.meta.env['VITE_VERSION'] as string, browser: navigator.userAgent, now: Date.now() };
    try {
      await navigator.clipboard.writeText(reportText(found, about));
      setCopied(true);
    } catch {
      setError('The browser did not allow copying.');
    }
  };

  return (
    <div className={styles.stack}>
      {error !== null && <FieldError text={error} />}
      {running && (
        <div className={styles.running}>
          <Progress label={`Checking: ${titleOf(progress.check)}`} value={progress.share} />
          <span className={styles.soft}>{titleOf(progress.check)}…</span>
        </div>
      )}
      <div role="status" className={styles.stack}>
        {report !== null && <p className={styles.summary}>{summaryOf(report)}</p>}
      </div>
      {report !== null && (
        <ul className={styles.checks} aria-label="What was checked">
          {report.checks.map((each) => (
            <Check key={each.name} check={each} />
          ))}
        </ul>
      )}
      <div className={styles.actions}>
        {running ? (
          <Button onPress={() => void client.stopExamining().catch(() => undefined)}>Stop</Button>
        ) : (
          <Button icon={<Stethoscope aria-hidden />} onPress={() => !mending && void check()}>
            {report === null ? 'Check now' : 'Check again'}
          </Button>
        )}
        {report !== null && mendable(report).length > 0 && (
          <Button variant="primary" icon={<Wrench aria-hidden />} onPress={() => !mending && void mend(report)}>
            {mending ? 'Mending…' : 'Mend'}
          </Button>
        )}
        {report !== null && (
          <Button variant="quiet" icon={<Copy aria-hidden />} onPress={() => void copy(report)}>
            {copied ? 'Copied' : 'Copy report'}
          </Button>
        )}
      </div>
      <DamagedFiles />
    </div>
  );
}

function Check({ check }: { readonly check: DoctorCheck }) {
  return (
    <li className={styles.check} data-outcome={check.outcome}>
      {check.outcome === 'good' && <CircleCheck aria-hidden size={18} />}
      {check.outcome === 'bad' && <TriangleAlert aria-hidden size={18} />}
      {check.outcome === 'skipped' && <CircleDashed aria-hidden size={18} />}
      <div>
        <strong>{titleOf(check.name)}</strong> <span className={styles.soft}>{wordsOf(check)}</span>
        {check.examples.length > 0 && (
          <details className={styles.examples}>
            <summary>What was found</summary>
            <ul>
              {check.examples.map((example) => (
                <li key={example}>{example}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
