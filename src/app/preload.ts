/** Fetches what most people need next, once the first screen stands and the browser is idle. */
export function preloadScreens(): void {
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1_000));
  idle(() => {
    const parts = [
      import('./features/record/record-pane.tsx'),
      import('./features/record/link-picker.tsx'),
      import('./features/records/filter-form.tsx'),
      import('./features/activity/activity-page.tsx'),
      import('./features/search/search-page.tsx'),
    ];
    // One that does not come now is asked for again when it is needed.
    for (const part of parts) part.catch(() => undefined);
  });
}
