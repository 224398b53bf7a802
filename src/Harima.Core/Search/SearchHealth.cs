using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Search.Feed;

namespace Harima.Search;

/// <summary>The index of this replica, for the facility's administrators.</summary>
public sealed class SearchHealth(SearchFeed feed, Policy policy)
{
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<SearchState> StateAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        return feed.State;
    }

    /// <summary>Makes the index anew; searches go on with what is in it meanwhile.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<SearchState> RebuildAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        feed.AskForRebuild();
        return feed.State;
    }

    async Task RequireAdministratorAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden("facility-only", "Only the facility's administrators look after the search index.");
    }
}
