using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Catalogue;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>Proposals as SciCat's.</summary>
public sealed class ProposalDocuments(
    ProposalQueries proposals,
    CreateProposal create,
    Users users,
    FacilityClock clock
)
{
    const int MaxLookedAt = 1_000;
    const int AtOnce = 100;

    /// <summary>Those the caller may see; of more than a thousand, the newest.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        Principal principal,
        SciCatFilter filter,
        CancellationToken cancellationToken
    )
    {
        var found = new List<JsonObject>();
        if (filter.Where.TextsNamed("proposalId", "ownerGroup", "_id") is { Count: <= AtOnce } named)
        {
            foreach (var id in named)
                if (await FindAsync(principal, id, cancellationToken) is { } one)
                    found.Add(one);
            return [.. DocumentFilter.Apply(found, filter)];
        }
        // Without condition and order the first of the list are the first of the answer.
        var wanted = filter is { Where: AllConditions { Parts.Count: 0 }, Sort.Count: 0 }
            ? Math.Min(MaxLookedAt, (long)filter.Skip + filter.Limit)
            : MaxLookedAt;
        string? cursor = null;
        do
        {
            var page = await proposals.ListAsync(
                principal,
                null,
                cursor,
                (int)Math.Min(AtOnce, Math.Max(1, wanted)),
                cancellationToken
            );
            foreach (var summary in page.Items)
                found.Add(await DocumentAsync(principal, summary, cancellationToken));
            cursor = page.Next;
        } while (cursor is not null && found.Count < wanted);
        return [.. DocumentFilter.Apply(found, filter)];
    }

    public async Task<long> CountAsync(Principal principal, SciCatFilter filter, CancellationToken cancellationToken) =>
        (await ListAsync(principal, filter.Unpaged(), cancellationToken)).Count;

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<JsonObject> GetAsync(Principal principal, string id, CancellationToken cancellationToken) =>
        await DocumentAsync(principal, await proposals.GetAsync(principal, id, cancellationToken), cancellationToken);

    async Task<JsonObject?> FindAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(principal, id, cancellationToken);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Registers a proposal, as the facility's administrators may.</summary>
    /// <exception cref="FaultException">Forbidden; Invalid; Conflict.</exception>
    public async Task<JsonObject> CreateAsync(JsonObject body, Principal principal, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])["createdBy", "updatedBy", "createdAt", "updatedAt"])
            if (body.ContainsKey(name))
                throw SciCatFault.Body($"property {name} should not exist");
        string Text(string name) =>
            DatasetFields.TextOf(body, name) ?? throw SciCatFault.Body($"{name} should not be empty");
        var id = Text("proposalId");
        var period = (body["MeasurementPeriodList"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault();
        var instrument =
            (body["instrumentIds"] as JsonArray)?.FirstOrDefault()?.ToString()
            ?? (period is null ? null : DatasetFields.TextOf(period, "instrument"))
            ?? throw SciCatFault.Body(
                "instrumentIds or MeasurementPeriodList must name the beamline: a proposal belongs to one here."
            );
        DateOnly Day(string field, string ofPeriod) =>
            (DatasetFields.TextOf(body, field) ?? (period is null ? null : DatasetFields.TextOf(period, ofPeriod)))
                is { } text
            && MongoValues.TryTime(text, out var at)
                ? DateOnly.FromDateTime(at.UtcDateTime)
                : throw SciCatFault.Body($"{field} must be a valid ISO 8601 date string");
        var address = DatasetFields.TextOf(body, "pi_email") ?? Text("email");
        var leader =
            await users.FindByIdOrEmailAsync(address, cancellationToken)
            ?? throw SciCatFault.Body(
                $"Nobody has an account with the address '{address}'. The principal investigator needs one: the rights on a proposal are theirs."
            );
        var title = Text("title");
        var made = await create.HandleAsync(
            new CreateProposalRequest(
                id,
                title,
                title,
                instrument,
                Day("startTime", "start"),
                Day("endTime", "end"),
                leader.Id,
                []
            ),
            principal,
            cancellationToken
        );
        return await GetAsync(principal, made.Id, cancellationToken);
    }

    async Task<JsonObject> DocumentAsync(
        Principal principal,
        ProposalSummary summary,
        CancellationToken cancellationToken
    )
    {
        var proposal = summary.Proposal;
        var leader =
            summary.MyRight >= Access.Right.Read
                ? (await proposals.PeopleAsync(principal, proposal.Id, cancellationToken)).FirstOrDefault(person =>
                    person.Role == Access.Roles.Leader
                )
                : null;
        var (start, end) = (TimeOf(proposal.StartsOn, 0), TimeOf(proposal.EndsOn, 1));
        return new JsonObject
        {
            ["_id"] = proposal.Id,
            ["proposalId"] = proposal.Id,
            ["title"] = proposal.Title,
            ["abstract"] = "",
            ["type"] = "Default Proposal",
            ["ownerGroup"] = proposal.Id,
            ["accessGroups"] = new JsonArray(),
            ["email"] = "",
            ["pi_email"] = "",
            ["pi_firstname"] = "",
            // Names are written in one piece here.
            ["pi_lastname"] = leader?.DisplayName ?? "",
            ["startTime"] = start,
            ["endTime"] = end,
            ["MeasurementPeriodList"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = proposal.Id,
                    ["instrument"] = proposal.BeamlineId,
                    ["start"] = start,
                    ["end"] = end,
                    ["comment"] = "",
                }
            ),
            ["instrumentIds"] = new JsonArray(proposal.BeamlineId),
            ["metadata"] = new JsonObject { ["title_ja"] = proposal.TitleJa },
            ["numberOfDatasets"] = summary.SequenceCount,
            ["isPublished"] = false,
            ["createdAt"] = SciCatFormat.TextOf(proposal.CreatedAt),
            ["updatedAt"] = SciCatFormat.TextOf(proposal.CreatedAt),
            ["createdBy"] = "",
            ["updatedBy"] = "",
        };
    }

    /// <summary>The beginning of a day where the beamlines are.</summary>
    string TimeOf(string day, int daysLater) =>
        SciCatFormat.TextOf(
            clock.First(
                DateOnly
                    .ParseExact(day, "O", CultureInfo.InvariantCulture)
                    .AddDays(daysLater)
                    .ToDateTime(TimeOnly.MinValue)
            )
        );
}
