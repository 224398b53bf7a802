using System.Text;
using Dapper;
using Harima.Catalogue;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;

namespace Harima.Core.Tests.Storage;

public sealed class ListingOnSqlite(SqliteFacility facility) : ListingTests(facility), IClassFixture<SqliteFacility>;

public sealed class ListingOnPostgres(PostgresFacility facility)
    : ListingTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class ListingTests(TestFacility facility) : FacilityTests(facility)
{
    // Characters whose order differs between UTF-16 units and UTF-8 bytes, and neighbours of the delimiter.
    static readonly string[] Parts =
    [
        "a",
        "b",
        "a.b",
        "0",
        "Z",
        "z",
        "é",
        "試料",
        "\uFFFD",
        "😀",
        "\uE000",
        "-",
        ".",
        "a b",
    ];

    [Fact]
    public async Task Any_listing_pages_through_exactly_what_a_brute_force_filter_finds()
    {
        var bucket = "list-" + NewId().ToLowerInvariant();
        await Get<CreateWorkspace>().HandleAsync(new(bucket, ""), TestFacility.Leader, Token);
        var random = new Random(7);
        var keys = new HashSet<string>();
        while (keys.Count < 150)
            keys.Add(
                string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Parts[random.Next(Parts.Length)]))
            );
        foreach (var key in keys)
            await Facility.PutAsync(key, [], bucket: bucket);
        foreach (var prefix in new[] { "", "a", "a/", "試", "😀/", "nothing" })
        foreach (var delimiter in new[] { null, "/", ".", "a" })
        foreach (var size in new[] { 1, 3, 7, 1000 })
        {
            var paged = new List<string>();
            string? after = null;
            do
            {
                var page = await Get<FileQueries>()
                    .ListAsync(TestFacility.Leader, bucket, new ListRequest(prefix, delimiter, after, size), Token);
                paged.AddRange(page.Entries.Select(entry => entry.Name));
                Assert.True(page.Entries.Count <= size);
                after = page.Next;
            } while (after is not null);
            Assert.Equal(Expected(keys, prefix, delimiter), paged);
        }
    }

    [Fact]
    public async Task A_brief_listing_says_the_same_of_each_file_as_a_full_one()
    {
        var bucket = "brief-" + NewId().ToLowerInvariant();
        await Get<CreateWorkspace>().HandleAsync(new(bucket, ""), TestFacility.Leader, Token);
        // Owners and keys that hold what separates fields, or characters of two units.
        string[] owners = ["leader", "a b", "😀 1 2", "", "leader"];
        foreach (var (n, part) in Parts.Index())
        {
            await Facility.PutAsync(part + " 1 2", new byte[n], bucket: bucket);
            await Get<CatalogueWriter>()
                .WriteAsync(
                    transaction =>
                    {
                        transaction.Connection!.Execute(
                            "UPDATE data_file SET owner = @owner WHERE key = @key AND bucket_id = (SELECT id FROM bucket WHERE name = @bucket)",
                            new
                            {
                                owner = owners[n % owners.Length],
                                key = part + " 1 2",
                                bucket,
                            },
                            transaction
                        );
                    },
                    Token
                );
        }
        var all = new ListRequest("", null, null, 1000);
        var whole = await Get<FileQueries>().ListAsync(TestFacility.Leader, bucket, all, Token);
        var brief = await Get<FileQueries>().ListBriefAsync(TestFacility.Leader, bucket, all, Token);
        Assert.Equal(Parts.Length, brief.Entries.Count);
        Assert.Equal(
            whole.Entries.Select(entry => new BriefEntry(
                entry.File!.Key,
                entry.File.SizeBytes,
                entry.File.ETag,
                entry.File.Owner,
                entry.File.ModifiedAt
            )),
            brief.Entries
        );
        var byFolder = all with { Delimiter = "/" };
        Assert.Equal(
            (await Get<FileQueries>().ListAsync(TestFacility.Leader, bucket, byFolder, Token)).Entries.Select(entry =>
                (entry.Name, entry.File is null)
            ),
            (await Get<FileQueries>().ListBriefAsync(TestFacility.Leader, bucket, byFolder, Token)).Entries.Select(
                entry => (entry.Name, entry.IsPrefix)
            )
        );
    }

    [Fact]
    public async Task Somebody_with_one_shared_sequence_lists_that_one_only()
    {
        var (shared, hidden) = (NewId(), NewId());
        await Facility.PutAsync(shared + "/x/1", [1]);
        await Facility.PutAsync(hidden + "/x/1", [1]);
        await Get<ShareSequence>()
            .HandleAsync(
                new(TestFacility.Proposal, shared, "stranger", Harima.Access.Right.Read),
                TestFacility.Leader,
                Token
            );
        foreach (var prefix in new[] { "", shared, shared + "/x", hidden, hidden + "/" })
        foreach (var delimiter in new[] { null, "/" })
        {
            var page = await Get<FileQueries>()
                .ListAsync(
                    TestFacility.Stranger,
                    TestFacility.Bucket,
                    new ListRequest(prefix, delimiter, null, 1000),
                    Token
                );
            Assert.DoesNotContain(page.Entries, entry => entry.Name.StartsWith(hidden, StringComparison.Ordinal));
            Assert.Equal(prefix.StartsWith(hidden, StringComparison.Ordinal) ? 0 : 1, page.Entries.Count);
        }
    }

    static List<string> Expected(IEnumerable<string> keys, string prefix, string? delimiter) =>
        [
            .. keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(key =>
                {
                    var at = delimiter is null ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
                    return at < 0 ? key : key[..(at + delimiter!.Length)];
                })
                .Distinct()
                .OrderBy(Encoding.UTF8.GetBytes, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))),
        ];
}
