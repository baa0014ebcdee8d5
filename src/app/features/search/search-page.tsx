import { Search, X } from 'lucide-react';
import { createElement, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { RecordType, SearchAnswer } from '../../../core/query.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useAnswer } from '../../use-client.tsx';
import { titleOr } from '../record/title.ts';
import page from '../shell/page.module.css';
import { recordPath } from '../shell/screen.ts';
import { useArriving } from '../status/use-arriving.ts';
import { iconOfType } from '../types/type-icons.ts';
import styles from './search-page.module.css';

const LIMIT = 60;
const TYPING_MILLIS = 120;

/** Finds records of every type. */
export function SearchPage() {
  const [, navigate] = useLocation();
  const text = new URLSearchParams(useSearch()).get('q') ?? '';
  const [typed, setTyped] = useState(text);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const found = useAnswer({ kind: 'search', text, limit: LIMIT });
  const schema = useAnswer({ kind: 'schema' });
  const arriving = useArriving();
  const [last, setLast] = useState(found);
  if (found !== undefined && found !== last) setLast(found);
  const hits = (found ?? last)?.hits ?? [];

  // Coming here is wanting to type.
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => {
      navigate(typed === '' ? '/search' : `/search?${new URLSearchParams({ q: typed })}`, { replace: true });
    }, TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [typed, text, navigate]);

  const onKeyDown = (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const inBox = document.activeElement === box.current;
    const down = event.key === 'ArrowDown' || (event.key === 'j' && !inBox);
    const up = event.key === 'ArrowUp' || (event.key === 'k' && !inBox);
    if (!down && !up) return;
    event.preventDefault();
    if (up && at <= 0) box.current?.focus();
    else links[at + (down ? 1 : -1)]?.focus();
  };

  return (
    // Arrows go from the box to what was found and back.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={page.page} onKeyDown={onKeyDown}>
      <div className={styles.box} role="search">
        <Search aria-hidden size={18} />
        <input
          ref={box}
          type="search"
          data-search-box
          aria-label="Search records"
          placeholder="Search all records"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setTyped('');
          }}
        />
        {typed !== '' && (
          <button type="button" className={styles.clear} aria-label="Clear search" onClick={() => setTyped('')}>
            <X aria-hidden size={16} />
          </button>
        )}
      </div>
      <p className={styles.count} role="status">
        {text.trim() === '' || found === undefined
          ? ''
          : `${countWords(hits.length)}${found.partial === true ? ' so far' : ''}`}
      </p>
      {text.trim() === '' ? (
        <EmptyState drawing="magnifier" title="Find anything">
          Type a few words: every value of every record is searched, also without a network.
        </EmptyState>
      ) : found !== undefined && hits.length === 0 ? (
        <EmptyState
          drawing="magnifier"
          title={found.partial === true || arriving ? 'Nothing found yet' : 'Nothing found'}
        >
          {found.partial === true
            ? 'Search is still being prepared: what holds these words shows up here.'
            : arriving
              ? 'No record that is here holds these words. More are arriving.'
              : 'No record holds these words. Try fewer, or the beginning of one.'}
        </EmptyState>
      ) : (
        <ul className={page.list} ref={list} aria-label="Records found">
          {hits.map((hit) => (
            <Hit key={hit.id} hit={hit} type={schema?.types.find((each) => each.id === hit.type)} />
          ))}
        </ul>
      )}
    </div>
  );
}

const countWords = (count: number): string =>
  count >= LIMIT ? `The first ${LIMIT} records` : `${count} ${count === 1 ? 'record' : 'records'}`;

function TypeIcon({ name }: { readonly name: string | null }) {
  return createElement(iconOfType(name), { 'aria-hidden': true, size: 17, strokeWidth: 1.75 });
}

function Hit({ hit, type }: { readonly hit: SearchAnswer['hits'][number]; readonly type: RecordType | undefined }) {
  return (
    <li>
      <Link href={recordPath(hit.type, hit.id)} className={styles.hit ?? ''}>
        <TypeIcon name={type?.icon ?? null} />
        <span className={styles.words}>
          <span className={page.title}>{titleOr(hit.title)}</span>
          {hit.excerpt !== '' && <span className={styles.excerpt}>{hit.excerpt}</span>}
        </span>
        <span className={page.soft}>{type?.name}</span>
      </Link>
    </li>
  );
}
