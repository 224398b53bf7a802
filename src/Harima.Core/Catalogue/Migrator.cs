using System.Reflection;
using Dapper;
using Harima.Faults;

namespace Harima.Catalogue;

/// <summary>
/// Applies the numbered <c>NNNN_name.sql</c> files that the capabilities embed (folder <c>Migrations</c>), each once, in order,
/// each in its own transaction. One text serves both databases; see <see cref="DialectSql.Render"/>.
/// </summary>
public sealed class Migrator(Database database, CatalogueWriter writer, TimeProvider time)
{
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            transaction =>
            {
                // Two replicas that start together must not both migrate.
                if (database.Dialect == Dialect.Postgres)
                    transaction.Connection!.Execute(
                        // Immediate: a table whose triggers wait for the commit cannot be altered before it.
                        "SELECT pg_advisory_xact_lock(4252600); SET CONSTRAINTS ALL IMMEDIATE",
                        transaction: transaction
                    );
                transaction.Connection!.Execute(
                    "CREATE TABLE IF NOT EXISTS schema_migration (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)",
                    transaction: transaction
                );
                var applied = transaction
                    .Connection!.Query<string>("SELECT name FROM schema_migration", transaction: transaction)
                    .ToHashSet(StringComparer.Ordinal);
                var known = Names().ToList();
                if (applied.Except(known).FirstOrDefault() is { } newer)
                    throw Fault.Conflict(
                        "catalogue-newer",
                        $"The catalogue was made by a newer Harima (it has '{newer}'). Start that version, or restore a backup.",
                        ("migration", newer)
                    );
                foreach (var name in known.Where(name => !applied.Contains(name)))
                {
                    transaction.Connection!.Execute(database.Dialect.Render(Read(name)), transaction: transaction);
                    transaction.Connection!.Execute(
                        "INSERT INTO schema_migration (name, applied_at) VALUES (@name, @at)",
                        new { name, at = time.Now() },
                        transaction
                    );
                }
            },
            cancellationToken
        );
    }

    static IEnumerable<string> Names() =>
        typeof(Migrator)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
