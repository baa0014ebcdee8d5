/** When one looks at the book: now, or as of a moment of the past, which the address keeps from screen to screen. */
import { createContext, type ReactNode, use, useCallback, useLayoutEffect, useMemo } from 'react';
import { type AroundNavHandler, Router, useLocation, useSearch } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import type { Moment } from '../core/query.ts';
import { hasPast, keepMoment, readMoment, withMoment } from './features/past/moment-address.ts';

const MomentContext = createContext<Moment | null>(null);

/** The moment that is looked at; null for now. In the past nothing can be edited. */
export const useMoment = (): Moment | null => use(MomentContext);

/** Reads the moment from the address; inside of it every link and every answer is of that moment. */
export function MomentProvider({ children }: { readonly children: ReactNode }) {
  const [path] = useLocation();
  const query = useSearch();
  // What is always of now does not pose as the past.
  const text = JSON.stringify(hasPast(path) ? readMoment(query) : null);
  const moment = useMemo(() => JSON.parse(text) as Moment | null, [text]);
  // On the root, so that what floats above the page is on the same paper.
  useLayoutEffect(() => {
    if (moment !== null) document.documentElement.dataset['past'] = '';
    return () => void delete document.documentElement.dataset['past'];
  }, [moment]);
  const hrefs = useCallback((href: string) => keepMoment(href, moment), [moment]);
  const aroundNav = useCallback<AroundNavHandler>((go, to, options) => go(keepMoment(to, moment), options), [moment]);
  return (
    <MomentContext value={moment}>
      <Router hrefs={hrefs} aroundNav={aroundNav}>
        {children}
      </Router>
    </MomentContext>
  );
}

/** What is about now wherever it stands: a question before something is overwritten. */
export function Now({ children }: { readonly children: ReactNode }) {
  return <MomentContext value={null}>{children}</MomentContext>;
}

/** Looks at the book as of a moment, on the same screen where that has a past. */
export function lookAt(moment: Moment, options?: { readonly replace?: boolean }): void {
  const here = `${location.pathname}${location.search}`;
  navigate(withMoment(hasPast(here) && location.pathname !== '/more' ? here : '/', moment), options);
}

/** Back to now, on the same screen where there is one. */
export function lookAtNow(): void {
  const { pathname, search } = location;
  const type = new URLSearchParams(search).get('type');
  const here = pathname === '/compare' ? (type === null ? '/' : `/t/${type}`) : `${pathname}${search}`;
  navigate(withMoment(here, null));
}
