import { RefreshCw, SmartphoneNfc } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { LinkRequest } from '../../../protocol/account.ts';
import type { Account } from '../../../protocol/worker.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FieldError } from '../../ui/field-frame.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useClient, useValue } from '../../use-client.tsx';
import { joinAddress } from './join-address.ts';
import styles from './link-device.module.css';
import { QrCode } from './qr-code.tsx';
import { useAsked } from './use-asked.ts';

/** The button that shows the one-time code, and its window. */
export function LinkDevice({ account, onClosed }: { readonly account: Account; readonly onClosed: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" icon={<SmartphoneNfc aria-hidden />} onPress={() => setOpen(true)}>
        Link a device
      </Button>
      <Dialog
        title="Link a device"
        isOpen={open}
        onClose={() => {
          setOpen(false);
          onClosed();
        }}
      >
        <LinkPanel account={account} />
      </Dialog>
    </>
  );
}

const PEOPLE = [
  { id: 'device', label: 'For me' },
  { id: 'person', label: 'For somebody else' },
] as const;

/** A code counts as expired after so long by our own clock, whatever the server's clock says. */
const LIFETIME_MILLIS = 120_000;

function LinkPanel({ account }: { readonly account: Account }) {
  const client = useClient();
  const [wanted, setWanted] = useState<LinkRequest['for']>('device');
  const make = useCallback(
    async () => ({ answer: await client.createLink({ for: wanted }), at: Date.now(), for: wanted }),
    [client, wanted],
  );
  const { answer: made, again } = useAsked(make);
  const now = useNow(1_000);
  const offset = useValue(client.status)?.details.clockOffsetMillis ?? 0;

  // While the code for the other choice is on its way, the one before is not shown.
  const current = made?.for === wanted ? made : null;
  const error = current?.answer.ok === false ? current.answer.error.message : null;
  const link = current?.answer.ok === true ? { at: current.at, ...current.answer.value } : null;
  const left =
    link === null
      ? 0
      : Math.max(0, Math.min(link.expiresAt - (now - offset), link.at + LIFETIME_MILLIS - now, LIFETIME_MILLIS));
  const forPerson = wanted === 'person';
  return (
    <div className={styles.panel}>
      {/* The server lets nobody but the owner invite people. */}
      {account.role === 'owner' && (
        <Segmented label="Whom the device is for" segments={PEOPLE} value={wanted} onChange={setWanted} />
      )}
      <p className={styles.explanation}>
        {forPerson
          ? 'They get their own name in the history, and see and change everything in this book.'
          : 'Your phone or another computer, with the same records.'}
      </p>
      {error !== null && (
        <div className={styles.failed}>
          <FieldError text={error} />
          <Button icon={<RefreshCw aria-hidden />} onPress={again}>
            Try again
          </Button>
        </div>
      )}
      {link !== null && (
        <>
          <div className={styles.ways} data-expired={left === 0 || undefined}>
            <div className={styles.qr}>
              <QrCode
                text={joinAddress(account.serverUrl, { code: link.code, forPerson })}
                label="QR code with the address and the code: point a phone’s camera at it"
              />
            </div>
            <div className={styles.typed}>
              <p>Point the phone’s camera at the square. Or open on the other device</p>
              <p className={styles.address}>{account.serverUrl}/join</p>
              <p>and type this code:</p>
              <p className={styles.code} aria-label={`Code: ${link.code.split('').join(' ')}`}>
                {link.code}
              </p>
            </div>
          </div>
          <div className={styles.clock}>
            <p role="timer" aria-live="off">
              {left > 0 ? `Works once, for another ${countdown(left)}` : 'This code has expired'}
            </p>
            <Button
              variant={left > 0 ? 'quiet' : 'primary'}
              size="small"
              icon={<RefreshCw aria-hidden />}
              onPress={again}
            >
              New code
            </Button>
          </div>
          {isThisComputer(account.serverUrl) && (
            <p className={styles.note}>
              {new URL(account.serverUrl).host} is this computer alone: only other browsers on it can open that address.
              To reach it from a phone, put the server behind TLS; its README says how.
            </p>
          )}
        </>
      )}
    </div>
  );
}

/** `1:59` */
function countdown(millis: number): string {
  const seconds = Math.ceil(millis / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function isThisComputer(origin: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);
}
