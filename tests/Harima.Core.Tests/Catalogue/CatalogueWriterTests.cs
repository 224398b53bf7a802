using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Core.Tests.Catalogue;

public sealed class CatalogueWriterOnSqlite(SqliteFacility facility)
    : CatalogueWriterTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class CatalogueWriterOnPostgres(PostgresFacility facility)
    : CatalogueWriterTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>Changes that share a transaction do not share each other's refusals.</summary>
public abstract class CatalogueWriterTests(TestFacility facility) : FacilityTests(facility)
{
    [Fact]
    public async Task A_change_that_is_refused_takes_none_of_its_batch_down_and_leaves_nothing()
    {
        var writer = Get<CatalogueWriter>();
        using var gate = new ManualResetEventSlim();
        // Everything that is asked for while this one is under way comes into one batch.
        var first = writer.WriteAsync(_ => gate.Wait(Token), Token);
        var others = Enumerable.Range(0, 20).Select(n => RenameAsync(n, refuse: n % 5 == 3)).ToList();
        gate.Set();
        await first;
        for (var n = 0; n < others.Count; n++)
        {
            if (n % 5 == 3)
                Assert.Equal("test", (await Assert.ThrowsAsync<FaultException>(() => others[n])).Reason);
            else
                await others[n];
        }
        // The last that was not refused.
        Assert.Equal("name 19", await NameAsync());
    }

    [Fact]
    public async Task A_change_alone_that_is_refused_leaves_nothing_and_the_next_one_counts()
    {
        await RenameAsync(100, refuse: false);
        await Assert.ThrowsAsync<FaultException>(() => RenameAsync(101, refuse: true));
        Assert.Equal("name 100", await NameAsync());
        await RenameAsync(102, refuse: false);
        Assert.Equal("name 102", await NameAsync());
    }

    Task RenameAsync(int n, bool refuse) =>
        Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                {
                    transaction.Connection!.Execute(
                        "UPDATE app_user SET display_name = @name WHERE id = 'member'",
                        new { name = $"name {n}" },
                        transaction
                    );
                    if (refuse)
                        throw Fault.Conflict("test", "Refused.");
                },
                Token
            );

    async Task<string?> NameAsync()
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        return await connection.ExecuteScalarAsync<string>("SELECT display_name FROM app_user WHERE id = 'member'");
    }
}
