/** The table as it is filtered, sorted and searched now, as a CSV file. Its code comes when it is first asked for. */
import type { Moment, RecordType } from '../../../core/query.ts';
import type { Client } from '../../client.ts';
import { csvName } from '../../file-names.ts';
import { CSV_FILE, saveFile } from '../../save-file.ts';
import { shownFields } from '../record/title.ts';
import { BYTE_ORDER_MARK, csvHeader, csvRows } from './csv-text.ts';
import { recordsQuery } from './row-pages.ts';
import type { View } from './view.ts';

const PAGE = 1_000;

/**
 * Page by page, so that a table of any length takes little memory.
 * @param moment as of which the table is shown; null for now
 * @returns the name of the file; null when the person changed their mind. Rejects with what failed.
 */
export async function exportCsv(
  client: Client,
  type: RecordType,
  view: View,
  moment: Moment | null,
): Promise<string | null> {
  const name = csvName(type.name);
  const fields = shownFields(type);
  const saved = await saveFile(name, CSV_FILE, async (write) => {
    await write(BYTE_ORDER_MARK + csvHeader(fields));
    // Edits may move records from page to page meanwhile: none is written twice.
    const written = new Set<string>();
    for (let offset = 0; ; offset += PAGE) {
      const { rows, total } = await client.query(recordsQuery(type.id, view, moment, offset, PAGE));
      await write(
        csvRows(
          fields,
          rows.filter((row) => !written.has(row.id)),
        ),
      );
      for (const row of rows) written.add(row.id);
      if (rows.length === 0 || offset + rows.length >= total) return;
    }
  });
  return saved ? name : null;
}
