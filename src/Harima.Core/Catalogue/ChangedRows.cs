using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Harima.Catalogue;

/// <summary>
/// Tells whether a row of one table has been changed since it was read, so that what was read can be kept. On SQLite only, where
/// this process is the only writer: the database itself names every row the writer changes, whichever statement does it.
/// </summary>
/// <remarks>
/// A row that is being changed counts as changed from that statement on until after the commit, so between the commit and its
/// announcement nobody is given the old row while somebody else reads the new one. A new row has a new number and changes none.
/// </remarks>
sealed class ChangedRows
{
    // Rows share these; a neighbour's change costs a row one more look at the catalogue. 512 KiB.
    const int Stripes = 1 << 16;

    // Number of the last commit that changed a row of the stripe; the greatest of all while one is under way.
    readonly long[] _changed = new long[Stripes];

    // Of the writer's thread alone.
    readonly List<long> _touched = [];
    long _commits;

    /// <summary>Ask before reading what is to be kept.</summary>
    public long Now => Volatile.Read(ref _commits);

    /// <param name="now">What <see cref="Now"/> was before the row was read.</param>
    public bool IsAsOf(long row, long now) => Volatile.Read(ref _changed[row & (Stripes - 1)]) <= now;

    /// <summary>The writer has changed the row, in a transaction that has not been committed.</summary>
    internal void Touch(long row)
    {
        Volatile.Write(ref _changed[row & (Stripes - 1)], long.MaxValue);
        _touched.Add(row);
    }

    /// <summary>The transaction is over, committed or not.</summary>
    internal void Settle()
    {
        if (_touched.Count == 0)
            return;
        var now = _commits + 1;
        Volatile.Write(ref _commits, now);
        foreach (var row in _touched)
            Volatile.Write(ref _changed[row & (Stripes - 1)], now);
        _touched.Clear();
    }

    /// <summary>Lets the writer's connection name the rows it changes.</summary>
    internal static void Watch(SqliteConnection connection, IReadOnlyDictionary<string, ChangedRows> tables) =>
        raw.sqlite3_update_hook(
            connection.Handle!,
            (_, kind, _, table, row) =>
            {
                if (kind != raw.SQLITE_INSERT && tables.TryGetValue(table.utf8_to_string(), out var rows))
                    rows.Touch(row);
            },
            null
        );
}
