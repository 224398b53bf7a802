using System.Data.Common;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Harima.Identity;
using Harima.Metadata;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Harima.CatalogueBench;

/// <summary>
/// Fills the catalogue of a Harima that was started once and stopped: proposals, people and rights, then every sequence with its two
/// documents, its file and who may see it, as the server itself would have written them. PostgreSQL by COPY with triggers off and the
/// secondary indexes made afterwards, SQLite by prepared inserts; the index is made by the server when it starts again.
/// </summary>
static class FillCatalogue
{
    public const int Users = 20;
    const int Batch = 10_000;
    const long At = 1_700_000_000_000_000;

    static readonly string[] Sequence =
    [
        "row",
        "proposal_id",
        "id",
        "ref",
        "beamline_id",
        "state",
        "owner",
        "created_at",
        "closed_at",
        "size_bytes",
        "file_count",
        "title",
    ];
    static readonly string[] Metadata = ["sequence_row", "kind", "json", "changed_at", "changed_by"];
    static readonly string[] Grant = ["kind", "id", "subject", "role", "access", "granted_by", "granted_at"];
    static readonly string[] File =
    [
        "bucket_id",
        "key",
        "sequence_row",
        "size_bytes",
        "etag",
        "crc32",
        "crc64_nvme",
        "owner",
        "modified_at",
        "blob",
        "location",
    ];

    /// <param name="folder">Gets <c>people.json</c>: who asks, with their tokens.</param>
    public static async Task<int> RunAsync(Facility facility, string database, string folder)
    {
        var clock = Stopwatch.StartNew();
        await using ICatalogueFiller filler = database.StartsWith("sqlite:", StringComparison.Ordinal)
            ? new SqliteFiller(database[7..])
            : await PostgresFiller.OpenAsync(database);
        await filler.BeginAsync();
        await PeopleAsync(filler, folder);
        long bytes = 0;
        for (long from = 0; from < facility.Sequences; from += Batch)
        {
            var count = (int)Math.Min(Batch, facility.Sequences - from);
            var sequences = new (BenchSequence S, string Measurement, string Sample)[count];
            var first = from;
            Parallel.For(
                0,
                count,
                n =>
                {
                    var s = facility.Sequence(first + n);
                    sequences[n] = (s, BenchSequence.Json(s.Measurement), BenchSequence.Json(s.Sample));
                }
            );
            bytes += sequences.Sum(s => (long)s.Measurement.Length + s.Sample.Length);
            await WriteAsync(filler, sequences);
            if ((from + count) % 500_000 == 0)
                Console.Error.WriteLine($"{from + count} in {clock.Elapsed.TotalSeconds:f0} s");
        }
        await filler.EndAsync();
        Console.WriteLine(
            $"{facility.Sequences} sequences with two documents ({bytes / facility.Sequences} characters together) and a file each in {clock.Elapsed.TotalSeconds:f0} s"
        );
        return 0;
    }

    static async Task WriteAsync(
        ICatalogueFiller filler,
        (BenchSequence S, string Measurement, string Sample)[] sequences
    )
    {
        await filler.WriteAsync(
            "sequence",
            Sequence,
            sequences.Select(each =>
            {
                var s = each.S;
                var created = Microseconds(s.StartedAt);
                return new object?[]
                {
                    s.Row + 1,
                    Facility.ProposalId(s.Proposal),
                    s.Id,
                    RefOf(s),
                    s.Beamline,
                    s.State,
                    s.Owner,
                    created,
                    s.State == "closed" ? created + 86_400_000_000 : null,
                    s.SizeBytes,
                    1L,
                    SequenceTitle.AsColumn(SequenceTitle.Of(each.Measurement)),
                };
            })
        );
        await filler.WriteAsync(
            "metadata",
            Metadata,
            sequences.SelectMany(each =>
                new[]
                {
                    new object?[]
                    {
                        each.S.Row + 1,
                        "measurement",
                        each.Measurement,
                        Microseconds(each.S.StartedAt),
                        each.S.Owner,
                    },
                    [each.S.Row + 1, "sample", each.Sample, Microseconds(each.S.StartedAt), each.S.Owner],
                }
            )
        );
        await filler.WriteAsync(
            "data_file",
            File,
            sequences.Select(each =>
                new object?[]
                {
                    each.S.Proposal + 1L,
                    $"{each.S.Id}/raw/{each.S.Id}.{each.S.FileType}",
                    each.S.Row + 1,
                    each.S.SizeBytes,
                    "d41d8cd98f00b204e9800998ecf8427e",
                    "AAAAAA==",
                    "AAAAAAAAAAA=",
                    each.S.Owner,
                    Microseconds(each.S.StartedAt),
                    each.S.Id,
                    "tree",
                }
            )
        );
        await filler.WriteAsync(
            "access_grant",
            Grant,
            sequences
                .Where(each => each.S.ForEveryone)
                .Select(each => new object?[] { "sequence", RefOf(each.S), "everyone", "shared", "read", "bench", At })
        );
    }

    static async Task PeopleAsync(ICatalogueFiller filler, string folder)
    {
        var beamlines = Enumerable
            .Range(1, 47)
            .SelectMany(n => Vocabulary.Ports.Select(port => $"BL{n:d2}{port}"))
            .ToList();
        await filler.WriteAsync(
            "beamline",
            ["id", "title", "title_ja"],
            beamlines.Select(id => new object?[] { id, id, id })
        );
        await filler.WriteAsync(
            "app_user",
            ["id", "display_name", "active", "created_at"],
            Enumerable
                .Range(0, Facility.People)
                .Select(n => ($"user{n:d4}", $"{Vocabulary.Family[n % 16]} {Vocabulary.Given[n / 16 % 12]}"))
                .Append(("admin", "Administrator"))
                .Append(("stranger", "Stranger"))
                .Select(user => new object?[] { user.Item1, user.Item2, true, At })
        );
        await filler.WriteAsync(
            "bucket",
            ["id", "name", "kind", "owner_ref", "folder", "created_at"],
            Enumerable
                .Range(0, Facility.Proposals)
                .Select(n =>
                    new object?[]
                    {
                        n + 1L,
                        Facility.ProposalId(n).ToLowerInvariant(),
                        "proposal",
                        Facility.ProposalId(n),
                        Facility.ProposalId(n),
                        At,
                    }
                )
        );
        await filler.WriteAsync(
            "proposal",
            ["id", "title", "title_ja", "beamline_id", "starts_on", "ends_on", "bucket_id", "created_at"],
            Enumerable
                .Range(0, Facility.Proposals)
                .Select(n =>
                    new object?[]
                    {
                        Facility.ProposalId(n),
                        Facility.ProposalTitle(n),
                        Facility.ProposalTitleJa(n),
                        beamlines[n % beamlines.Count],
                        "2014-04-01",
                        "2026-03-31",
                        n + 1L,
                        At,
                    }
                )
        );
        var people = Enumerable
            .Range(0, Users)
            .Select(n => $"user{n:d4}")
            .Append("admin")
            .Append("stranger")
            .ToDictionary(
                id => id,
                id =>
                    (
                        Token: Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..16],
                        Secret: RandomNumberGenerator.GetHexString(40, lowercase: true)
                    )
            );
        await filler.WriteAsync(
            "api_token",
            ["id", "user_id", "description", "hash", "created_at"],
            people.Select(person =>
                new object?[]
                {
                    person.Value.Token,
                    person.Key,
                    "bench",
                    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(person.Value.Secret))),
                    At,
                }
            )
        );
        await filler.WriteAsync(
            "access_grant",
            Grant,
            Enumerable
                .Range(0, Users)
                .SelectMany(user =>
                    Facility
                        .ProposalsOf(user)
                        .Select(proposal =>
                            new object?[]
                            {
                                "proposal",
                                Facility.ProposalId(proposal),
                                Principal.SubjectOf($"user{user:d4}"),
                                "member",
                                "write",
                                "bench",
                                At,
                            }
                        )
                )
                .Append(["facility", "facility", Principal.SubjectOf("admin"), "admin", "manage", "bench", At])
        );
        await System.IO.File.WriteAllTextAsync(
            Path.Combine(folder, "people.json"),
            JsonSerializer.Serialize(
                people.ToDictionary(person => person.Key, person => $"hmt_{person.Value.Token}_{person.Value.Secret}")
            )
        );
    }

    static string RefOf(BenchSequence s) => $"{Facility.ProposalId(s.Proposal)}/{s.Id}";

    static long Microseconds(DateTime at) => (at - DateTime.UnixEpoch).Ticks / 10;
}

interface ICatalogueFiller : IAsyncDisposable
{
    Task BeginAsync();
    Task WriteAsync(string table, string[] columns, IEnumerable<object?[]> rows);
    Task EndAsync();
}

sealed class PostgresFiller(NpgsqlConnection open) : ICatalogueFiller
{
    static readonly string[] Tables = ["sequence", "metadata", "data_file", "access_grant"];

    readonly List<string> _indexes = [];
    NpgsqlTransaction? _transaction;

    public static async Task<PostgresFiller> OpenAsync(string connection)
    {
        var open = new NpgsqlConnection(connection + ";Command Timeout=0");
        await open.OpenAsync();
        return new PostgresFiller(open);
    }

    public async Task BeginAsync()
    {
        await ExecuteAsync("SET session_replication_role = replica");
        await ExecuteAsync("SET maintenance_work_mem = '512MB'");
        _transaction = await open.BeginTransactionAsync();
        var indexes = new List<(string Name, string Made)>();
        await using (
            var command = new NpgsqlCommand(
                """
                SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(@tables)
                AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
                """,
                open
            )
        )
        {
            command.Parameters.AddWithValue("tables", Tables);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                indexes.Add((reader.GetString(0), reader.GetString(1)));
        }
        foreach (var (name, made) in indexes)
        {
            await ExecuteAsync($"DROP INDEX {name}");
            _indexes.Add(made);
        }
    }

    public async Task WriteAsync(string table, string[] columns, IEnumerable<object?[]> rows)
    {
        await using var copy = await open.BeginBinaryImportAsync(
            $"COPY {table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)"
        );
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            foreach (var value in row)
                await (
                    value switch
                    {
                        null => copy.WriteNullAsync(),
                        long number => copy.WriteAsync(number, NpgsqlDbType.Bigint),
                        bool flag => copy.WriteAsync(flag, NpgsqlDbType.Boolean),
                        string text => copy.WriteAsync(text, NpgsqlDbType.Text),
                        _ => throw new InvalidOperationException(value.GetType().Name),
                    }
                );
        }
        await copy.CompleteAsync();
    }

    public async Task EndAsync()
    {
        foreach (var made in _indexes)
            await ExecuteAsync(made);
        foreach (var (table, column) in new[] { ("sequence", "row"), ("data_file", "id"), ("bucket", "id") })
            await ExecuteAsync(
                $"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT MAX({column}) FROM {table}))"
            );
        await _transaction!.CommitAsync();
        foreach (var table in Tables.Append("proposal").Append("app_user").Append("bucket"))
            await ExecuteAsync($"VACUUM ANALYZE {table}");
    }

    async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await open.DisposeAsync();
}

sealed class SqliteFiller : ICatalogueFiller
{
    readonly SqliteConnection _open;
    readonly Dictionary<string, SqliteCommand> _inserts = new(StringComparer.Ordinal);
    DbTransaction? _transaction;

    public SqliteFiller(string file)
    {
        _open = new SqliteConnection($"Data Source={file}");
        _open.Open();
    }

    public Task BeginAsync()
    {
        // Inserts in order of the keys; what a crash would lose here is made again.
        Execute("PRAGMA synchronous = OFF");
        Execute("PRAGMA cache_size = -400000");
        return Task.CompletedTask;
    }

    public Task WriteAsync(string table, string[] columns, IEnumerable<object?[]> rows)
    {
        _transaction = _open.BeginTransaction();
        if (!_inserts.TryGetValue(table, out var insert))
        {
            insert = _open.CreateCommand();
            insert.CommandText =
                $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(column => "@" + column))})";
            foreach (var column in columns)
                insert.Parameters.Add(new SqliteParameter("@" + column, null));
            _inserts.Add(table, insert);
        }
        insert.Transaction = (SqliteTransaction)_transaction;
        foreach (var row in rows)
        {
            for (var n = 0; n < row.Length; n++)
                insert.Parameters[n].Value = row[n] ?? DBNull.Value;
            insert.ExecuteNonQuery();
        }
        _transaction.Commit();
        return Task.CompletedTask;
    }

    public Task EndAsync()
    {
        // The index will be made from everything; marks of its making would only be gone through once more.
        Execute("DELETE FROM search_change");
        Execute("ANALYZE");
        Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return Task.CompletedTask;
    }

    void Execute(string sql)
    {
        using var command = _open.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public ValueTask DisposeAsync() => _open.DisposeAsync();
}
