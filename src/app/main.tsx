import './trusted-types.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { type Client, openClient } from './client.ts';
import { watchInstallOffer } from './features/install/install-offer.ts';
import { watchEdits } from './features/install/unsaved-edit.ts';
import { registerServiceWorker } from './features/install/updates.ts';
import { loadPreferences } from './features/settings/preferences.ts';
import { preloadAll } from './ui/later.tsx';
import './theme/tokens.css';
import './theme/fonts.css';
import './theme/global.css';

/** What is fetched ahead waits so long for the book, which may be held by another tab for good. */
const BOOK_FIRST_MILLIS = 5_000;

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

// The book opens while the preferences are read.
const client = openClient();
watchEdits();
watchInstallOffer();
await loadPreferences();
createRoot(root).render(
  <StrictMode>
    <App client={client} />
  </StrictMode>,
);
await isSettled(client.connection);
void preloadAll();
if (import.meta.env.PROD) await registerServiceWorker();

/** Until it is known whether the book opens: the network, the disk and the processor are its own until then. */
function isSettled(connection: Client['connection']): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection.getSnapshot().kind !== 'opening') end();
    };
    const stop = connection.subscribe(look);
    const timer = setTimeout(() => end(), BOOK_FIRST_MILLIS);
    const end = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    look();
  });
}
