using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;
using Harima.Workspaces;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Harima.Core.Tests.Catalogue;

public sealed class AccessGenerationOnSqlite(SqliteFacility facility)
    : AccessGenerationTests(facility),
        IClassFixture<SqliteFacility>
{
    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused()
    {
        await using var second = Replica();
        var refusal = await RefusedAsync(() => second.GetRequiredService<Migrator>().ApplyAsync(Token));
        Assert.Equal("catalogue-in-use", refusal.Reason);
    }

    [Fact]
    public async Task Nobody_but_the_writer_can_write()
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() =>
            connection.ExecuteAsync("UPDATE app_user SET active = FALSE WHERE id = 'nobody'")
        );
    }
}

public sealed class AccessGenerationOnPostgres(PostgresFacility facility)
    : AccessGenerationTests(facility),
        IClassFixture<PostgresFacility>
{
    [Fact]
    public async Task What_one_replica_takes_back_no_other_remembers()
    {
        await using var other = Replica();
        await RememberedIsWhatIsTrueAsync(3, other);
    }

    [Fact]
    public async Task Replicas_that_change_access_at_once_do_not_lock_each_other_out()
    {
        await using var other = Replica();
        CatalogueWriter[] writers = [Get<CatalogueWriter>(), other.GetRequiredService<CatalogueWriter>()];
        var before = await Get<AccessGeneration>().NowAsync(Token);
        await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(n =>
                    writers[n % 2]
                        .WriteAsync(
                            transaction =>
                            {
                                // In opposite order of rows, which would be a deadlock if the number were locked early.
                                transaction.Connection!.Execute(
                                    "UPDATE app_user SET active = active WHERE id = @id",
                                    new { id = n % 2 == 0 ? "member" : "staff" },
                                    transaction
                                );
                                return n;
                            },
                            Token
                        )
                )
        );
        Assert.True(await other.GetRequiredService<AccessGeneration>().NowAsync(Token) > before);
    }
}

/// <summary>What is remembered about access is never older than the last change that anybody was told of.</summary>
public abstract class AccessGenerationTests(TestFacility facility) : FacilityTests(facility)
{
    // Tables whose rows decide neither a right nor where a name leads. A new table belongs here only if that is true of it;
    // else its migration says {decides-access …}.
    static readonly string[] DecideNothing =
    [
        "access_generation",
        "access_log_file",
        "access_read",
        "api_token",
        "archive_link",
        "audit_event",
        "audit_follower",
        "beamline",
        "byte_store",
        "column_set",
        "comment_mention",
        "damaged_file",
        "data_file",
        "external_login",
        "extracted_dismissed",
        "extracted_value",
        "extraction",
        "file_version",
        "large_edit",
        "large_edit_item",
        "loose_object",
        "metadata",
        "metadata_bulk",
        "metadata_change",
        "sample",
        "sample_change",
        "sample_parent",
        "saved_search",
        "saved_search_hit",
        "saved_search_told",
        "metadata_following",
        "metadata_schema",
        "registered_folder",
        "registered_replaced",
        "registration",
        "registration_finding",
        "registration_sequence",
        "schema_migration",
        "scicat_dataset",
        "scicat_file",
        "scrub",
        "search_change",
        "search_clock",
        "search_replica",
        "sequence_sample",
        "sequence_comment",
        "sequence_label",
        "sequence_rating",
        "unplaced",
        "unplaced_version",
        "upload",
        "upload_part",
        "work",
    ];

    [Fact]
    public async Task Every_table_raises_the_generation_or_is_known_to_decide_nothing()
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        var sqlite = Get<Database>().Dialect == Dialect.Sqlite;
        var tables = await connection.QueryAsync<string>(
            sqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        );
        var raising = await connection.QueryAsync<string>(
            sqlite
                ? "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_access_%'"
                : "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE '%_access'"
        );
        Assert.Equal(tables.Order(StringComparer.Ordinal), raising.Concat(DecideNothing).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("UPDATE app_user SET active = FALSE WHERE id = 'stranger'")]
    [InlineData("UPDATE access_key SET expires_at = 1 WHERE user_id = 'stranger'")]
    [InlineData("DELETE FROM access_key WHERE user_id = 'stranger'")]
    [InlineData("INSERT INTO access_grant VALUES ('facility', 'facility', 'user:nobody', 'admin', 'manage', 'x', 1)")]
    [InlineData("DELETE FROM access_grant WHERE subject = 'user:member'")]
    [InlineData("UPDATE sequence SET state = 'closed' WHERE proposal_id = '2026A1000'")]
    [InlineData("UPDATE proposal SET beamline_id = 'BL14B2'")]
    [InlineData("UPDATE workspace SET owner = 'member'")]
    [InlineData("UPDATE bucket SET folder = folder")]
    public async Task A_change_of_access_raises_it_however_it_is_made(string sql)
    {
        await Facility.PutAsync(NewId() + "/a", [1]);
        await Get<AccessKeys>().CreateAsync(TestFacility.Stranger, "", Token);
        await Get<CreateWorkspace>()
            .HandleAsync(new("raise-" + NewId().ToLowerInvariant(), ""), TestFacility.Leader, Token);
        var before = await Get<AccessGeneration>().NowAsync(Token);
        await ExecuteAndPutBackAsync(sql);
        Assert.True(await Get<AccessGeneration>().NowAsync(Token) > before);
    }

    [Fact]
    public async Task Storing_a_file_in_an_open_sequence_does_not_raise_it()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        var before = await Get<AccessGeneration>().NowAsync(Token);
        await Facility.PutAsync(id + "/b", [1]);
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, id + "/a", null, TestFacility.Leader, Token);
        Assert.Equal(before, await Get<AccessGeneration>().NowAsync(Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task What_is_remembered_is_what_the_catalogue_says_after_any_change(int seed) =>
        RememberedIsWhatIsTrueAsync(seed, null);

    [Fact]
    public async Task A_key_taken_back_is_gone_at_the_next_request_and_an_expired_one_needs_no_change()
    {
        var keys = Get<AccessKeys>();
        var own = await keys.CreateAsync(TestFacility.Member, "own", Token);
        Assert.NotNull(await keys.FindAsync(own.Key.Id, Token));
        await keys.RevokeAsync(TestFacility.Member, own.Key.Id, Token);
        Assert.Null(await keys.FindAsync(own.Key.Id, Token));

        var person = "gone-" + NewId().ToLowerInvariant();
        await Get<Users>().CreateAsync(person, person, person + "@example.jp", "correct horse battery", Token);
        var theirs = await keys.CreateAsync(new Principal(person, "test"), "theirs", Token);
        Assert.NotNull(await keys.FindAsync(theirs.Key.Id, Token));
        await ExecuteAsync("UPDATE app_user SET active = FALSE WHERE id = @person", new { person });
        Assert.Null(await keys.FindAsync(theirs.Key.Id, Token));
        await ExecuteAsync("UPDATE app_user SET active = TRUE WHERE id = @person", new { person });
        Assert.NotNull(await keys.FindAsync(theirs.Key.Id, Token));
    }

    /// <summary>Random changes through <paramref name="changing"/> (or ourselves); after each, we must answer as the rows say.</summary>
    protected async Task RememberedIsWhatIsTrueAsync(int seed, IServiceProvider? changing)
    {
        var random = new Random(seed);
        var workspaceIds = Enumerable.Range(0, 2).Select(_ => "race-" + NewId().ToLowerInvariant()).ToArray();
        var sequences = Enumerable.Range(0, 3).Select(_ => NewId()).ToArray();
        Principal[] people =
        [
            TestFacility.Leader,
            TestFacility.Member,
            TestFacility.Staff,
            TestFacility.Stranger,
            Principal.Anonymous,
            TestFacility.Leader with
            {
                Limit = new CredentialLimit(TestFacility.Bucket, sequences[0] + "/", MayWrite: false),
            },
            TestFacility.Stranger with
            {
                Limit = new CredentialLimit(null, "", MayWrite: true),
            },
        ];
        var changes = new Changes(changing ?? new Own(Facility), random, sequences, workspaceIds);
        for (var round = 0; round < 60; round++)
        {
            var change = await changes.MakeOneAsync(Token);
            foreach (var person in people)
            {
                foreach (var sequence in sequences)
                    await SameAsync(person, TestFacility.Bucket, sequence + "/raw/a.h5", change);
                await SameAsync(person, TestFacility.Bucket, "no-sequence", change);
                foreach (var workspace in workspaceIds)
                    await SameAsync(person, workspace, "any/key", change);
            }
        }
    }

    async Task SameAsync(Principal person, string bucket, string key, string change)
    {
        var places = Get<FilePlaces>();
        var expected = await SayAsync(() => places.LookUpAsync(person, bucket, key, Token));
        // Twice: the first may look it up, the second remembers.
        for (var time = 0; time < 2; time++)
        {
            var said = await SayAsync(() => places.ForAnyAsync(person, bucket, key, Token));
            Assert.True(
                expected == said,
                $"after {change}: {person} on {bucket}/{key} is {expected}, remembered as {said}"
            );
        }
    }

    static async Task<string> SayAsync(Func<Task<FilePlace>> ask)
    {
        try
        {
            var place = await ask();
            return $"{place.MyRight} closed={place.Closed} bucket={place.View.Bucket.Id} own={place.View.MyRight}";
        }
        catch (FaultException fault)
        {
            return fault.Reason;
        }
    }

    async Task ExecuteAndPutBackAsync(string sql)
    {
        // Other tests of the class share the facility: what is changed here is put back.
        string[] tables = ["access_grant", "access_key", "app_user", "sequence", "proposal", "workspace", "bucket"];
        var table = tables.Single(name => sql.Contains(name + ' ', StringComparison.Ordinal));
        await ExecuteAsync($"CREATE TABLE kept AS SELECT * FROM {table}", null);
        try
        {
            await ExecuteAsync(sql, null);
        }
        finally
        {
            await RestoreAsync(table);
        }
    }

    async Task RestoreAsync(string table)
    {
        switch (table)
        {
            case "access_grant":
                await ExecuteAsync("DELETE FROM access_grant; INSERT INTO access_grant SELECT * FROM kept", null);
                break;
            case "app_user":
                await ExecuteAsync("UPDATE app_user SET active = TRUE", null);
                break;
            case "sequence":
                await ExecuteAsync(
                    "UPDATE sequence SET state = (SELECT k.state FROM kept k WHERE k.row = sequence.row)",
                    null
                );
                break;
            case "workspace":
                await ExecuteAsync(
                    "UPDATE workspace SET owner = (SELECT k.owner FROM kept k WHERE k.id = workspace.id)",
                    null
                );
                break;
        }
        await ExecuteAsync("DROP TABLE kept", null);
    }

    Task ExecuteAsync(string sql, object? parameters) =>
        Get<CatalogueWriter>()
            .WriteAsync(transaction => transaction.Connection!.Execute(sql, parameters, transaction), Token);

    /// <summary>Core once more on the same database and folder, as another process would run it.</summary>
    protected ServiceProvider Replica()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHarimaCore(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Harima:Data:Directory"] = Facility.Folder,
                        ["Harima:Catalogue:Database"] = Get<IOptions<CatalogueOptions>>().Value.Database,
                    }
                )
                .Build()
        );
        return services.BuildServiceProvider();
    }

    sealed class Own(TestFacility facility) : IServiceProvider
    {
        public object? GetService(Type serviceType) => facility.Get<IServiceProvider>().GetService(serviceType);
    }

    sealed class Changes(IServiceProvider services, Random random, string[] sequences, string[] workspaces)
    {
        static readonly string[] People = ["member", "stranger", "staff"];
        static readonly Right[] Rights = [Right.None, Right.Read, Right.Write, Right.Manage];

        /// <returns>What was done, or tried: a refusal is a change that did not happen.</returns>
        public async Task<string> MakeOneAsync(CancellationToken token)
        {
            var sequence = Of(sequences);
            var workspace = Of(workspaces);
            var person = Of(People);
            var right = Of(Rights);
            var leader = TestFacility.Leader;
            (string Name, Func<Task> Act)[] ways =
            [
                ("open", () => On<OpenSequence>().HandleAsync(new(TestFacility.Proposal, sequence), leader, token)),
                ("close", () => On<CloseSequence>().HandleAsync(TestFacility.Proposal, sequence, leader, token)),
                ("delete", () => On<DeleteSequence>().HandleAsync(TestFacility.Proposal, sequence, leader, token)),
                (
                    $"share with {person} {right}",
                    () =>
                        On<ShareSequence>()
                            .HandleAsync(new(TestFacility.Proposal, sequence, person, right), leader, token)
                ),
                (
                    "visibility",
                    () =>
                        On<ShareSequence>()
                            .SetVisibilityAsync(
                                TestFacility.Proposal,
                                sequence,
                                Of(Enum.GetValues<Visibility>()),
                                leader,
                                token
                            )
                ),
                ("make workspace", () => On<CreateWorkspace>().HandleAsync(new(workspace, ""), leader, token)),
                ("remove workspace", () => On<DeleteWorkspace>().HandleAsync(workspace, leader, token)),
                (
                    $"share workspace with {person} {right}",
                    () => On<ShareWorkspace>().HandleAsync(new(workspace, person, right), leader, token)
                ),
                (
                    "proposal grant",
                    () =>
                        On<CatalogueWriter>()
                            .WriteAsync(
                                transaction =>
                                    On<Grants>()
                                        .Put(
                                            transaction,
                                            new ResourceRef(ResourceKind.Proposal, TestFacility.Proposal),
                                            Principal.SubjectOf(person),
                                            Roles.Shared,
                                            right,
                                            "test"
                                        ),
                                token
                            )
                ),
                (
                    "refused in the middle",
                    () =>
                        On<CatalogueWriter>()
                            .WriteAsync(
                                (DbTransaction transaction) =>
                                {
                                    Grants.RemoveAllOn(transaction, new(ResourceKind.Proposal, TestFacility.Proposal));
                                    throw Fault.Invalid("test", "Not this one.");
                                },
                                token
                            )
                ),
            ];
            var (name, act) = ways[random.Next(ways.Length)];
            try
            {
                await act();
            }
            catch (FaultException fault)
            {
                name += $" (refused: {fault.Reason})";
            }
            return $"{name} of {sequence} or {workspace}";
        }

        T On<T>()
            where T : notnull => services.GetRequiredService<T>();

        T Of<T>(IReadOnlyList<T> some) => some[random.Next(some.Count)];
    }
}
