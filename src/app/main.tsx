import './trusted-types.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openClient } from './client.ts';
import { watchInstallOffer } from './features/install/install-offer.ts';
import { watchEdits } from './features/install/unsaved-edit.ts';
import { registerServiceWorker } from './features/install/updates.ts';
import { loadPreferences } from './features/settings/preferences.ts';
import { preloadAll } from './ui/later.tsx';
import './theme/tokens.css';
import './theme/fonts.css';
import './theme/global.css';

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
void preloadAll();
if (import.meta.env.PROD) await registerServiceWorker();
