using System.Collections.Concurrent;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Sequences;

namespace Harima.Core.Tests.Storage;

public sealed class KeptRowOnSqlite(SqliteFacility facility) : KeptRowTests(facility), IClassFixture<SqliteFacility>;

public sealed class KeptRowOnPostgres(PostgresFacility facility)
    : KeptRowTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class KeptRowTests(TestFacility facility) : FacilityTests(facility)
{
    [Fact]
    public async Task A_row_that_any_statement_changes_is_read_anew()
    {
        var key = NewId() + "/a";
        await Facility.PutAsync(key, [1]);
        Assert.Null((await FindAsync(key)).Tags);
        await WriteAsync("UPDATE data_file SET tags = '[]' WHERE key = @key", key);
        Assert.Equal("[]", (await FindAsync(key)).Tags);
        await WriteAsync("UPDATE data_file SET key = 'elsewhere' || key WHERE key = @key", key);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => FindAsync(key))).Code);
        await WriteAsync("UPDATE data_file SET key = @key WHERE key = 'elsewhere' || @key", key);
        Assert.Equal(key, (await FindAsync(key)).Key);
        await WriteAsync("DELETE FROM data_file WHERE key = @key", key);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => FindAsync(key))).Code);
    }

    [Fact]
    public async Task A_change_that_is_refused_changes_nothing_for_readers()
    {
        var key = NewId() + "/a";
        await Facility.PutAsync(key, [1, 2]);
        var before = await FindAsync(key);
        await Assert.ThrowsAsync<FaultException>(() =>
            Get<CatalogueWriter>()
                .WriteAsync(
                    transaction =>
                    {
                        transaction.Connection!.Execute(
                            "UPDATE data_file SET size_bytes = 99 WHERE key = @key",
                            new { key },
                            transaction
                        );
                        throw Fault.Forbidden("no", "No.");
                    },
                    Token
                )
        );
        Assert.Equal(before, await FindAsync(key));
    }

    [Fact]
    public async Task Nobody_reads_an_older_version_than_was_answered_before_they_asked()
    {
        const int Versions = 150;
        var sequence = NewId();
        var keys = Enumerable.Range(0, 4).Select(n => $"{sequence}/{n}").ToArray();
        var answered = new ConcurrentDictionary<string, long>();
        foreach (var key in keys)
        {
            await Facility.PutAsync(key, [1]);
            answered[key] = 1;
        }
        var writing = Task.WhenAll(
            keys.Select(key =>
                Task.Run(async () =>
                {
                    for (var size = 2; size <= Versions; size++)
                    {
                        await Facility.PutAsync(key, new byte[size]);
                        answered[key] = size;
                    }
                })
            )
        );
        await Task.WhenAll(
            keys.Concat(keys)
                .Select(key =>
                    Task.Run(async () =>
                    {
                        do
                        {
                            var least = answered[key];
                            Assert.InRange((await FindAsync(key)).SizeBytes, least, Versions);
                        } while (!writing.IsCompleted);
                    })
                )
        );
        await writing;
        foreach (var key in keys)
            Assert.Equal(Versions, (await FindAsync(key)).SizeBytes);
    }

    Task<Harima.Storage.DataFile> FindAsync(string key) =>
        Get<FileQueries>().GetAsync(TestFacility.Leader, TestFacility.Bucket, key, Token);

    Task WriteAsync(string sql, string key) =>
        Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                {
                    transaction.Connection!.Execute(sql, new { key }, transaction);
                },
                Token
            );
}
