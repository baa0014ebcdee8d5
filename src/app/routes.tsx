import { Link, Redirect, Route, Switch, useSearch } from 'wouter';
import { RecordsPage } from './features/records/records-page.tsx';
import { recordPath, typePath } from './features/shell/screen.ts';
import { useMoment } from './moment.tsx';
import { EmptyState } from './ui/empty-state.tsx';
import { later } from './ui/later.tsx';
import { useAnswer, useClient, useValue } from './use-client.tsx';

// What is not on the first screen of somebody who keeps records comes when it is asked for.
const ActivityPage = later(async () => (await import('./features/activity/activity-page.tsx')).ActivityPage);
const AttentionPage = later(async () => (await import('./features/attention/attention-page.tsx')).default);
const MorePage = later(async () => (await import('./features/shell/more-page.tsx')).MorePage);
const ReviewPage = later(async () => (await import('./features/conflicts/review-page.tsx')).ReviewPage);
const SearchPage = later(async () => (await import('./features/search/search-page.tsx')).SearchPage);
const TrashPage = later(async () => (await import('./features/trash/trash-page.tsx')).TrashPage);
const ComparePage = later(async () => (await import('./features/past/compare-page.tsx')).ComparePage);
const FirstRun = later(async () => (await import('./features/first-run/first-run.tsx')).default);
const ImportPage = later(async () => (await import('./features/import/import-page.tsx')).default);
const JoinPage = later(async () => (await import('./features/devices/join-page.tsx')).default);
const NewType = later(async () => (await import('./features/types/new-type.tsx')).default);
const SettingsPage = later(async () => (await import('./features/settings/settings-page.tsx')).default);
const TypeEditor = later(async () => (await import('./features/types/type-editor.tsx')).default);

/** Every screen, by its address. */
export function Routes() {
  return (
    <Switch>
      <Route path="/" component={Start} />
      <Route path="/t/:typeId/fields" component={TypeEditor} />
      {/* One route for a list and its open record, so that opening one does not draw the list anew. */}
      <Route path="/t/:typeId/*?" component={RecordsPage} />
      <Route path="/new-type" component={NewType} />
      <Route path="/import" component={ImportPage} />
      <Route path="/settings" component={SettingsPage} />
      <Route path="/activity" component={ActivityPage} />
      <Route path="/review" component={ReviewPage} />
      <Route path="/attention" component={AttentionPage} />
      <Route path="/trash" component={TrashPage} />
      <Route path="/compare" component={ComparePage} />
      <Route path="/search" component={SearchPage} />
      <Route path="/join" component={JoinPage} />
      <Route path="/more" component={MorePage} />
      <Route>
        <EmptyState drawing="magnifier" title="There is nothing here" action={<Link href="/">Go to your records</Link>}>
          The address may be mistyped.
        </EmptyState>
      </Route>
    </Switch>
  );
}

/** The first type, or, in an empty book, the first question. */
function Start() {
  const schema = useAnswer({ kind: 'schema' });
  // The shortcut *New record* of the installed app.
  const asksForNew = new URLSearchParams(useSearch()).has('new');
  const past = useMoment() !== null;
  const told = useValue(useClient().status);
  if (schema === undefined) return null;
  const first = schema.types.find((type) => !type.hidden);
  if (first === undefined && past) {
    return (
      <EmptyState drawing="blankPage" title="The book was empty">
        Nothing was written in it at this moment.
      </EmptyState>
    );
  }
  if (first === undefined && told === undefined) return null;
  if (first === undefined && (told?.details.arriving ?? null) !== null) {
    return (
      <EmptyState drawing="devices" title="Your records are on their way">
        They appear here as they arrive. You may close Daybook meanwhile: it goes on where it was.
      </EmptyState>
    );
  }
  if (first === undefined) return <FirstRun />;
  return <Redirect to={asksForNew ? recordPath(first.id, 'new') : typePath(first.id)} replace />;
}
