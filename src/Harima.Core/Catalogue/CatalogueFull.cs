using Harima.Faults;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Harima.Catalogue;

/// <summary>The catalogue's own disk is full: a refusal like that of the files' disk, and not a failure of ours.</summary>
static class CatalogueFull
{
    // https://www.sqlite.org/rescode.html#full and #ioerr_shmsize, which is what a full disk looks like to the index of the log.
    const int SqliteFull = 13;
    const int SqliteIoErrShmSize = 10 | (19 << 8);

    public static bool Is(Exception fault) =>
        fault switch
        {
            SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull
                || sqlite.SqliteExtendedErrorCode == SqliteIoErrShmSize,
            PostgresException postgres => postgres.SqlState == PostgresErrorCodes.DiskFull,
            _ => false,
        };

    /// <summary>What the caller is told; other faults as they are.</summary>
    public static Exception Translate(Exception fault) =>
        Is(fault)
            ? new FaultException(
                FaultCode.StorageFull,
                "storage-full",
                "The catalogue's disk is full, so nothing was changed and nothing was lost. Try again later, or tell the facility's staff.",
                inner: fault
            )
            : fault;
}
