using System.Data.Common;
using Npgsql;

namespace Harima.Catalogue;

/// <summary>
/// Another replica has changed what a change of the catalogue had looked at, before it could write. <see cref="CatalogueWriter"/> rolls
/// everything back and runs it again, and so it sees what is there now.
/// </summary>
sealed class OvertakenException() : Exception("Another replica changed the same rows at the same moment.");

static class OtherWriters
{
    /// <summary>Whether others may write while this transaction does: other replicas, on PostgreSQL. SQLite has one writer.</summary>
    public static bool MayOvertake(this DbTransaction transaction) => transaction.Connection is NpgsqlConnection;
}
