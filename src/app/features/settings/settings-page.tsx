import { useState } from 'react';
import { Page, Section } from '../../ui/page.tsx';
import { BackupView } from '../backup/backup-section.tsx';
import { DeviceListView } from '../devices/device-list.tsx';
import { SyncSetup } from '../devices/sync-setup.tsx';
import { SyncSummary } from '../devices/sync-summary.tsx';
import { useAccount } from '../devices/use-account.ts';
import { HEALTH, HealthSection } from '../health/health-section.tsx';
import { TypeList } from '../types/type-list.tsx';
import { About } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { HistoryLength } from './history-length.tsx';
import { InstallSection } from './install-section.tsx';
import { Storage } from './storage.tsx';
import { ThisDevice } from './this-device.tsx';

// oxlint-disable-next-line import/no-default-export -- loaded lazily
export default function SettingsPage() {
  const account = useAccount();
  /** Storage looks again at what lies there. */
  const [shortened, setShortened] = useState(0);
  return (
    <Page>
      <Section title="This device" note="How it is called in the history.">
        <ThisDevice />
      </Section>
      <Section
        title="Sync"
        note={
          account === null
            ? 'Your records are saved on this device only. A server of your own brings them to your other devices, and to people you invite.'
            : undefined
        }
      >
        {account === null && <SyncSetup />}
        {account !== null && account !== undefined && <SyncSummary account={account} />}
      </Section>
      {account !== null && account !== undefined && (
        <Section title="Devices">
          <DeviceListView account={account} />
        </Section>
      )}
      <Section title="Types and fields" note="What the sidebar shows, in its order.">
        <TypeList />
      </Section>
      <Section title="Storage">
        <Storage key={shortened} />
      </Section>
      <Section title="History" note="How far back this device can tell what changed, and undo it.">
        <HistoryLength onShortened={() => setShortened((times) => times + 1)} />
      </Section>
      <Section title="Backup" note="The book as a file: to take away, and to come back from.">
        <BackupView />
      </Section>
      <Section
        title="Health"
        anchor={HEALTH}
        note="Looks through the whole database while you go on, and changes nothing."
      >
        <HealthSection />
      </Section>
      <Section title="Appearance" note="On this device.">
        <Appearance />
      </Section>
      <Section title="Install">
        <InstallSection />
      </Section>
      <Section title="About">
        <About />
      </Section>
    </Page>
  );
}
