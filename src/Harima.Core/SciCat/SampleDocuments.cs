using System.Text.Json.Nodes;
using Harima.Exchange;
using Harima.Faults;
using Harima.Identity;
using Harima.Samples;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>
/// Samples as SciCat's. The characteristics are the description of the sample but for its names and text, so that formula and elements
/// are found like those of any sample.
/// </summary>
public sealed class SampleDocuments(SampleQueries samples, PutSample put)
{
    const int MaxLookedAt = 5_000;
    const int AtOnce = 500;
    const string Characteristics = "characteristics";

    static readonly string[] OwnKeys = ["names", "description", "owner", "type"];
    static readonly string[] Fields =
    [
        "sampleId",
        "sampleName",
        "owner",
        "ownerGroup",
        "accessGroups",
        "instrumentGroup",
        "description",
        "sampleCharacteristics",
        "isPublished",
        "parentSampleId",
        "proposalId",
        "type",
    ];

    /// <summary>Those the caller may see; of more than five thousand, the newest.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        Principal principal,
        SciCatFilter filter,
        CancellationToken cancellationToken
    )
    {
        var found = new List<JsonObject>();
        if (filter.Where.TextsNamed("sampleId", "_id") is { Count: <= 100 } named)
        {
            foreach (var id in named)
                try
                {
                    found.Add(await GetAsync(principal, id, cancellationToken));
                }
                catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
                {
                    // It does not exist for this caller.
                }
            return [.. DocumentFilter.Apply(found, filter)];
        }
        var proposal = filter.Where.TextsNamed("ownerGroup", "proposalId") is { Count: 1 } one ? one[0] : null;
        string? cursor = null;
        do
        {
            var page = await samples.ListAsync(principal, proposal, null, cursor, AtOnce, cancellationToken);
            found.AddRange(page.Items.Select(sample => Document(sample, null)));
            cursor = page.Next;
        } while (cursor is not null && found.Count < MaxLookedAt);
        return [.. DocumentFilter.Apply(found, filter)];
    }

    public async Task<long> CountAsync(Principal principal, SciCatFilter filter, CancellationToken cancellationToken) =>
        (await ListAsync(principal, filter.Unpaged(), cancellationToken)).Count;

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<JsonObject> GetAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var view = await samples.GetAsync(principal, id, cancellationToken);
        return Document(view.Sample, view.Parents.Count > 0 ? view.Parents[0].Id : null);
    }

    /// <exception cref="FaultException">Invalid; Forbidden; Conflict for an id in use.</exception>
    public async Task<JsonObject> CreateAsync(JsonObject body, Principal principal, CancellationToken cancellationToken)
    {
        RequireFields(body);
        var group =
            DatasetFields.TextOf(body, "ownerGroup") ?? throw SciCatFault.Body("ownerGroup should not be empty");
        var name =
            DatasetFields.TextOf(body, "sampleName")
            ?? DatasetFields.TextOf(body, "description")
            ?? DatasetFields.TextOf(body, "sampleId")
            ?? throw SciCatFault.Body("sampleName or description should not be empty");
        var json = new JsonObject { ["names"] = new JsonArray(name.Trim()) };
        Say(json, body);
        var proposal = DatasetFields.TextOf(body, "proposalId") ?? group;
        if (!proposal.Equals(group, StringComparison.OrdinalIgnoreCase))
            throw NotYourGroup(group);
        try
        {
            var made = await put.CreateAsync(
                proposal,
                new PutSampleRequest(
                    json.ToJsonString(MongoValues.Plain),
                    ParentOf(body) is { } parent ? [parent] : null,
                    null,
                    DatasetFields.TextOf(body, "sampleId")
                ),
                principal,
                cancellationToken
            );
            return await GetAsync(principal, made.Id, cancellationToken);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound && ParentOf(body) is null)
        {
            throw NotYourGroup(group);
        }
    }

    /// <exception cref="FaultException">NotFound; Forbidden; Invalid.</exception>
    public async Task<JsonObject> ChangeAsync(
        string id,
        JsonObject body,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        RequireFields(body);
        var view = await samples.GetAsync(principal, id, cancellationToken);
        foreach (var name in (string[])["ownerGroup", "proposalId"])
            if (
                DatasetFields.TextOf(body, name) is { } said
                && !said.Equals(view.Sample.ProposalId, StringComparison.OrdinalIgnoreCase)
            )
                throw SciCatFault.Body($"A sample stays in its proposal: {name} is {view.Sample.ProposalId}.");
        var json = (JsonObject)JsonNode.Parse(view.Sample.Json)!;
        if (DatasetFields.TextOf(body, "sampleName") is { } renamed)
        {
            var names = (JsonArray)json["names"]!;
            names[0] = renamed;
        }
        Say(json, body);
        var changed = await put.ChangeAsync(
            id,
            new PutSampleRequest(
                json.ToJsonString(MongoValues.Plain),
                ParentOf(body) is { } parent ? [parent] : null,
                view.Sample.Version
            ),
            principal,
            cancellationToken
        );
        return await GetAsync(principal, changed.Id, cancellationToken);
    }

    /// <returns>What it was.</returns>
    public async Task<JsonObject> DeleteAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        var before = await GetAsync(principal, id, cancellationToken);
        await put.DeleteAsync(id, principal, cancellationToken);
        return before;
    }

    static void RequireFields(JsonObject body)
    {
        foreach (var (name, value) in body)
            if (!Fields.Contains(name))
                throw SciCatFault.Body($"property {name} should not exist");
            else if (name == "sampleCharacteristics" && value is not (null or JsonObject))
                throw SciCatFault.Body("sampleCharacteristics must be an object");
    }

    static string? ParentOf(JsonObject body) => DatasetFields.TextOf(body, "parentSampleId");

    static void Say(JsonObject json, JsonObject body)
    {
        foreach (var name in (string[])["description", "owner", "type"])
            if (DatasetFields.TextOf(body, name) is { } said)
                json[name] = said;
        if (body["sampleCharacteristics"] is not JsonObject characteristics)
            return;
        foreach (var name in json.Select(pair => pair.Key).Except(OwnKeys).ToList())
            json.Remove(name);
        // Where a name of theirs is one of ours, all of them stand apart.
        if (characteristics.Any(pair => pair.Key == Characteristics || OwnKeys.Contains(pair.Key)))
            json[Characteristics] = characteristics.DeepClone();
        else
            foreach (var (name, value) in characteristics)
                json[name] = value?.DeepClone();
    }

    static JsonObject Document(Sample sample, string? parent)
    {
        var json = (JsonObject)JsonNode.Parse(sample.Json)!;
        var characteristics =
            json[Characteristics] as JsonObject
            ?? new JsonObject(
                json.Where(pair => !OwnKeys.Contains(pair.Key))
                    .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))
            );
        var document = new JsonObject
        {
            ["_id"] = sample.Id,
            ["sampleId"] = sample.Id,
            ["sampleName"] = sample.Name,
            ["owner"] = json["owner"]?.DeepClone() ?? sample.CreatedBy,
            ["ownerGroup"] = sample.ProposalId,
            ["accessGroups"] = new JsonArray(),
            ["proposalId"] = sample.ProposalId,
            ["description"] = json["description"]?.DeepClone() ?? sample.Name,
            ["sampleCharacteristics"] = characteristics.DeepClone(),
            ["isPublished"] = false,
            ["createdAt"] = SciCatFormat.TextOf(sample.CreatedAt),
            ["createdBy"] = sample.CreatedBy,
            ["updatedAt"] = SciCatFormat.TextOf(sample.ChangedAt),
            ["updatedBy"] = sample.ChangedBy,
        };
        if (json["type"] is { } type)
            document["type"] = type.DeepClone();
        if (parent is not null)
            document["parentSampleId"] = parent;
        return document;
    }

    static FaultException NotYourGroup(string group) =>
        Fault.Forbidden(
            "scicat-group",
            $"You may not add samples to the group '{group}'. A group is a proposal here: ownerGroup is the id of a proposal you may add to.",
            ("group", group)
        );
}
