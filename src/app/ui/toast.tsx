import { X } from 'lucide-react';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';
import styles from './toast.module.css';

export interface ToastMessage {
  readonly text: string;
  readonly tone?: 'info' | 'alert';
  /** Usually *Undo*. The toast goes when it is pressed. */
  readonly action?: { readonly label: string; readonly onAction: () => void };
}

type Shown = ToastMessage & { readonly id: number };

/** How long a toast stays: long enough to read and reach; it waits while it is pointed at or focused. */
const STAY_MILLIS = 8_000;

const ToastContext = createContext<(message: ToastMessage) => void>(() => undefined);

/** Shows a short message at the foot of the page. */
export const useToast = (): ((message: ToastMessage) => void) => use(ToastContext);

/** Gives the page its toasts: at most three, the newest last. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const lastId = useRef(0);
  const show = useCallback((message: ToastMessage) => {
    lastId.current += 1;
    const toast = { ...message, id: lastId.current };
    setShown((before) => [...before.slice(-2), toast]);
  }, []);
  const remove = useCallback((id: number) => setShown((before) => before.filter((toast) => toast.id !== id)), []);
  const region = useMemo(
    () => (
      <section aria-label="Messages" className={styles.region}>
        <div role="status" aria-live="polite" className={styles.list}>
          {shown.map((toast) => (
            <Toast key={toast.id} toast={toast} onGone={remove} />
          ))}
        </div>
      </section>
    ),
    [shown, remove],
  );
  return (
    <ToastContext value={show}>
      {children}
      {region}
    </ToastContext>
  );
}

function Toast({ toast, onGone }: { readonly toast: Shown; readonly onGone: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => onGone(toast.id), STAY_MILLIS);
    return () => clearTimeout(timer);
  }, [held, onGone, toast.id]);
  return (
    <div
      className={styles.toast}
      data-tone={toast.tone ?? 'info'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className={styles.text}>{toast.text}</span>
      {toast.action && (
        <Button
          variant="quiet"
          size="small"
          className={styles.action}
          onPress={() => {
            toast.action?.onAction();
            onGone(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton label="Dismiss" icon={<X aria-hidden />} className={styles.close} onPress={() => onGone(toast.id)} />
    </div>
  );
}
