using Harima.Access;
using Harima.Catalogue;
using Harima.Sequences;

namespace Harima.Core.Tests.Sequences;

/// <summary>What the tests of the two ways to list sequences have in common: by their rows, and by words.</summary>
public abstract class SequenceListTests(TestFacility facility) : FacilityTests(facility)
{
    /// <summary>All of a list, page by page; the way back from each page is the page before, and the count is right.</summary>
    protected static async Task<List<string>> WalkAsync(
        Func<string?, Task<Page<SequenceSummary>>> pageAt,
        Func<Task<long>> count,
        int size
    )
    {
        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = await pageAt(cursor);
            found.AddRange(page.Items.Select(NameOf));
            if (cursor is not null && page.Previous is not null)
                Assert.Equal(
                    found.SkipLast(page.Items.Count).TakeLast(size),
                    (await pageAt(page.Previous)).Items.Select(NameOf)
                );
            cursor = page.Next;
        } while (cursor is not null);
        Assert.Equal(found.Count, await count());
        return found;
    }

    protected static string NameOf(SequenceSummary item) => $"{item.ProposalId}/{item.Id}";

    protected static readonly string[] People = ["leader", "member", "staff", "admin", "stranger"];

    /// <summary>Three proposals of eight sequences, some shared with the stranger and some open to everyone.</summary>
    /// <returns>Which each of <see cref="People"/> may read, and which everybody.</returns>
    protected async Task<(Dictionary<string, HashSet<string>> ByPerson, HashSet<string> Open)> FillAsync()
    {
        var random = new Random(11);
        var expected = People.ToDictionary(who => who, _ => new HashSet<string>());
        var open = new HashSet<string>();
        foreach (var proposal in new[] { "2026B0001", "2026B0002", "2026B0003" })
        {
            await Facility.AddProposalAsync(proposal);
            for (var n = 0; n < 8; n++)
            {
                var id = FormattableString.Invariant($"Q{n:00}");
                await Get<OpenSequence>().HandleAsync(new(proposal, id), TestFacility.Leader, Token);
                await Facility.PutAsync($"{id}/a", new byte[random.Next(1000)], bucket: proposal.ToLowerInvariant());
                foreach (var who in People.Where(who => who != "stranger"))
                    expected[who].Add($"{proposal}/{id}");
                if (random.Next(3) == 0)
                {
                    await Get<ShareSequence>()
                        .HandleAsync(new(proposal, id, "stranger", Right.Read), TestFacility.Leader, Token);
                    expected["stranger"].Add($"{proposal}/{id}");
                }
                if (random.Next(5) == 0)
                {
                    await Get<ShareSequence>()
                        .SetVisibilityAsync(proposal, id, Visibility.Everyone, TestFacility.Leader, Token);
                    open.Add($"{proposal}/{id}");
                }
            }
        }
        expected["stranger"].UnionWith(open);
        return (expected, open);
    }
}
