import type { Client } from './client.ts';
import { Notices } from './features/install/notices.tsx';
import { PickProvider } from './features/past/pick.tsx';
import { ConnectionGate } from './features/shell/connection-gate.tsx';
import { ErrorScreen } from './features/shell/error-screen.tsx';
import { Shell } from './features/shell/shell.tsx';
import { UndoProvider } from './features/shell/undo.tsx';
import { MomentProvider } from './moment.tsx';
import { Routes } from './routes.tsx';
import { ToastProvider } from './ui/toast.tsx';
import { ClientProvider } from './use-client.tsx';

export function App({ client }: { readonly client: Client }) {
  return (
    <ErrorScreen>
      <ClientProvider client={client}>
        <ToastProvider>
          <ConnectionGate>
            <MomentProvider>
              <UndoProvider>
                <PickProvider>
                  <Shell notices={<Notices />}>
                    <Routes />
                  </Shell>
                </PickProvider>
              </UndoProvider>
            </MomentProvider>
          </ConnectionGate>
        </ToastProvider>
      </ClientProvider>
    </ErrorScreen>
  );
}
