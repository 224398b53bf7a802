using Harima.Identity;

namespace Harima.Samples;

/// <summary>A sample in the tree around another.</summary>
/// <param name="Next">Further up for one it comes from, further down for one that comes from it.</param>
public sealed record SampleRelative(SampleLink Sample, IReadOnlyList<SampleRelative> Next);

/// <param name="IsCut">There is more than is told.</param>
public sealed record SampleTree(
    IReadOnlyList<SampleRelative> Parents,
    IReadOnlyList<SampleRelative> Children,
    bool IsCut
);

/// <summary>What a sample comes from and what comes from it, over some generations; of those the caller may see.</summary>
public sealed class SampleFamily(SampleQueries queries)
{
    const int Generations = 3;
    const int Most = 60;

    /// <exception cref="Faults.FaultException">NotFound.</exception>
    public async Task<SampleTree> OfAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var room = Most;
        var isCut = false;
        async Task<IReadOnlyList<SampleRelative>> WalkAsync(IReadOnlyList<SampleLink> links, bool up, int left)
        {
            if (left == 0)
            {
                isCut |= links.Count > 0;
                return [];
            }
            var relatives = new List<SampleRelative>();
            foreach (var link in links)
            {
                if (room-- <= 0)
                {
                    isCut = true;
                    break;
                }
                var view = await queries.GetAsync(principal, link.Id, cancellationToken);
                relatives.Add(
                    new SampleRelative(link, await WalkAsync(up ? view.Parents : view.Children, up, left - 1))
                );
            }
            return relatives;
        }
        var self = await queries.GetAsync(principal, id, cancellationToken);
        var parents = await WalkAsync(self.Parents, up: true, Generations);
        var children = await WalkAsync(self.Children, up: false, Generations);
        return new SampleTree(parents, children, isCut);
    }
}
