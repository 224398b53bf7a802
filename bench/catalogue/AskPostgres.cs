using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Harima.CatalogueBench;

/// <summary>
/// The same facility and the same questions in plain PostgreSQL: columns with btree indexes, the documents as jsonb (GIN,
/// jsonb_path_ops), words as tsvector (GIN), Japanese by pg_trgm; page and facets in two statements, facets in one pass.
/// </summary>
static class AskPostgres
{
    public static async Task<int> RunAsync(Facility facility, string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Command Timeout=0");
        var clock = Stopwatch.StartNew();
        await FillAsync(facility, source);
        Console.WriteLine(
            $"{facility.Sequences} rows and their indexes in {clock.Elapsed.TotalSeconds:f0} s, {facility.Sequences / clock.Elapsed.TotalSeconds:f0}/s"
        );
        await using var open = await source.OpenConnectionAsync();
        await using (
            var size = new NpgsqlCommand("SELECT pg_table_size('peer') / 1e9, pg_indexes_size('peer') / 1e9", open)
        )
        await using (var reader = await size.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            Console.WriteLine($"table {reader.GetDecimal(0):f2} GB, indexes {reader.GetDecimal(1):f2} GB\n");
        }
        await AskAsync(open, times: null, rounds: 1);
        var times = new List<(string, string, double)>();
        await AskAsync(open, times, rounds: 3);
        Console.WriteLine("| question | who | p50 | worst |\n| --- | --- | --- | --- |");
        foreach (var group in times.GroupBy(time => (time.Item1, time.Item2)))
        {
            var ordered = group.Select(time => time.Item3).Order().ToArray();
            Console.WriteLine(
                $"| {group.Key.Item1} | {group.Key.Item2} | {ordered[ordered.Length / 2]:f0} | {ordered[^1]:f0} |"
            );
        }
        var all = times.Select(time => time.Item3).Order().ToArray();
        Console.WriteLine(
            $"| all | all | {all[all.Length / 2]:f0} | p95 {all[(int)(all.Length * 0.95)]:f0}, worst {all[^1]:f0} |"
        );
        return 0;
    }

    static async Task FillAsync(Facility facility, NpgsqlDataSource source)
    {
        await using var open = await source.OpenConnectionAsync();
        await ExecuteAsync(
            open,
            """
            CREATE EXTENSION IF NOT EXISTS pg_trgm; DROP TABLE IF EXISTS peer; SET synchronous_commit = off;
            CREATE UNLOGGED TABLE peer (row bigint, proposal text, beamline text, technique text, owner text, status text, type text, year int,
                everyone boolean, elements text[], date timestamptz, size bigint, energy double precision, doc jsonb, written text);
            """
        );
        const int Batch = 20_000;
        for (long at = 0; at < facility.Sequences; at += Batch)
        {
            await using var copy = await open.BeginBinaryImportAsync("COPY peer FROM STDIN (FORMAT BINARY)");
            for (var row = at; row < Math.Min(facility.Sequences, at + Batch); row++)
            {
                var s = facility.Sequence(row);
                await copy.StartRowAsync();
                await copy.WriteAsync(s.Row);
                foreach (
                    var text in (string[])
                        [Facility.ProposalId(s.Proposal), s.Beamline, s.Technique, s.Owner, s.State, s.FileType]
                )
                    await copy.WriteAsync(text);
                await copy.WriteAsync(s.StartedAt.Year);
                await copy.WriteAsync(s.ForEveryone);
                await copy.WriteAsync(s.Elements);
                await copy.WriteAsync(s.StartedAt, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(s.SizeBytes);
                await copy.WriteAsync(s.Measurement.First(value => value.Path == "measurement.energy").Number);
                await copy.WriteAsync(BenchSequence.Json(s.Measurement), NpgsqlDbType.Jsonb);
                await copy.WriteAsync(
                    string.Join(
                        ' ',
                        s.Measurement.Concat(s.Sample)
                            .Select(value => value.Text)
                            .Where(text => text is not null)
                            .Append(Facility.ProposalTitle(s.Proposal))
                            .Append(Facility.ProposalTitleJa(s.Proposal))
                    )
                );
            }
            await copy.CompleteAsync();
        }
        await ExecuteAsync(
            open,
            """
            SET maintenance_work_mem = '512MB';
            CREATE INDEX ON peer (date DESC, row DESC); CREATE INDEX ON peer (size DESC, row DESC); CREATE INDEX ON peer (proposal, date);
            CREATE INDEX ON peer (beamline, date); CREATE INDEX ON peer (technique, date); CREATE INDEX ON peer (energy); CREATE INDEX ON peer (year);
            CREATE INDEX ON peer (everyone, date) WHERE everyone; CREATE INDEX ON peer USING gin (elements);
            CREATE INDEX ON peer USING gin (doc jsonb_path_ops); CREATE INDEX ON peer USING gin (to_tsvector('english', written));
            CREATE INDEX ON peer USING gin (written gin_trgm_ops);
            VACUUM ANALYZE peer;
            """
        );
    }

    static async Task ExecuteAsync(NpgsqlConnection open, string sql)
    {
        foreach (
            var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        )
        {
            await using var command = new NpgsqlCommand(statement, open);
            await command.ExecuteNonQueryAsync();
        }
    }

    static readonly (string Name, string Where, string Order)[] Questions =
    [
        ("everything I may see", "true", "date"),
        ("technique", "technique = 'XAFS'", "date"),
        ("common word, English", "to_tsvector('english', written) @@ to_tsquery('english', 'degradation')", "date"),
        ("common word, Japanese", "written LIKE '%残留応力測定%'", "date"),
        ("part of a word, Japanese", "written LIKE '%超伝%'", "date"),
        ("rare word", "to_tsvector('english', written) @@ to_tsquery('english', 'q1234')", "date"),
        (
            "phrase of both",
            "to_tsvector('english', written) @@ phraseto_tsquery('english', 'natural rubber') AND written LIKE '%天然ゴムを%'",
            "date"
        ),
        ("technique and energy range", "technique = 'XAFS' AND energy BETWEEN 11.5 AND 12.1", "date"),
        ("element, not open, a year", "elements @> '{Fe}' AND status <> 'open' AND year = 2019", "date"),
        ("energy range, largest first", "energy BETWEEN 11.5 AND 12.1", "size"),
        ("a value of any path", """doc @> '{"instrument": {"detector": {"name": "PILATUS3 X 2M"}}}'""", "date"),
    ];

    static async Task AskAsync(NpgsqlConnection open, List<(string, string, double)>? times, int rounds)
    {
        var mine = string.Join(',', Facility.ProposalsOf(3).Select(proposal => $"'{Facility.ProposalId(proposal)}'"));
        (string Who, string May)[] people =
        [
            ("admin", "true"),
            ("user", $"(everyone OR proposal = ANY(ARRAY[{mine}]))"),
            ("stranger", "everyone"),
        ];
        for (var round = 0; round < rounds; round++)
            foreach (var (name, where, order) in Questions)
            foreach (var (who, may) in people)
            {
                var clock = Stopwatch.StartNew();
                await ReadAsync(
                    open,
                    $"SELECT row, doc FROM peer WHERE {may} AND {where} ORDER BY {order} DESC, row DESC LIMIT 50"
                );
                await ReadAsync(
                    open,
                    $"""
                    WITH found AS MATERIALIZED (SELECT technique, beamline, proposal, year, type, status, owner, everyone, elements FROM peer WHERE {may} AND {where})
                    SELECT technique, beamline, proposal, year, type, status, owner, everyone, count(*) FROM found
                        GROUP BY GROUPING SETS ((technique), (beamline), (proposal), (year), (type), (status), (owner), (everyone), ())
                    UNION ALL SELECT element, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*) FROM found, unnest(elements) element GROUP BY element
                    """
                );
                times?.Add((name, who, clock.Elapsed.TotalMilliseconds));
            }
    }

    static async Task ReadAsync(NpgsqlConnection open, string sql)
    {
        await using var command = new NpgsqlCommand(sql, open);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) { }
    }
}
