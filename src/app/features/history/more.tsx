import { useEffect, useEffectEvent, useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import styles from './more.module.css';

/** The end of a list that goes on: asks for more when it comes into sight, or is pressed. */
export function More({ onMore }: { readonly onMore: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const ask = useEffectEvent(onMore);
  useEffect(() => {
    const end = place.current;
    if (end === null) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && ask(), {
      rootMargin: '400px',
    });
    observer.observe(end);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className={styles.more}>
      <Button variant="quiet" onPress={onMore}>
        Show more
      </Button>
    </div>
  );
}
