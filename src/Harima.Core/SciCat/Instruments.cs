using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>Beamlines as SciCat's instruments.</summary>
public sealed class Instruments(ProposalQueries proposals, CreateBeamline create)
{
    public async Task<IReadOnlyList<JsonObject>> ListAsync(SciCatFilter filter, CancellationToken cancellationToken) =>
        [.. DocumentFilter.Apply(await AllAsync(cancellationToken), filter)];

    public async Task<long> CountAsync(SciCatFilter filter, CancellationToken cancellationToken) =>
        (await ListAsync(filter.Unpaged(), cancellationToken)).Count;

    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<JsonObject> GetAsync(string id, CancellationToken cancellationToken) =>
        (await AllAsync(cancellationToken)).FirstOrDefault(one => one["pid"]!.ToString() == id)
        ?? throw Fault.NotFound("Instrument", id);

    /// <exception cref="FaultException">Forbidden; Invalid; Conflict where it exists.</exception>
    public async Task<JsonObject> CreateAsync(JsonObject body, Principal principal, CancellationToken cancellationToken)
    {
        var name = DatasetFields.TextOf(body, "name") ?? throw SciCatFault.Body("name should not be empty");
        var id = DatasetFields.TextOf(body, "pid") ?? DatasetFields.TextOf(body, "uniqueName") ?? name.Trim();
        if (id.Length > 32 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw SciCatFault.Body(
                $"'{id}' cannot be the id of a beamline. Give pid or uniqueName as letters and digits, such as BL14B2."
            );
        if ((await AllAsync(cancellationToken)).Any(one => one["pid"]!.ToString() == id))
            throw Fault.Conflict("beamline-exists", $"There is already an instrument '{id}'.", ("id", id));
        await create.HandleAsync(new CreateBeamlineRequest(id, name, name, []), principal, cancellationToken);
        return await GetAsync(id, cancellationToken);
    }

    async Task<List<JsonObject>> AllAsync(CancellationToken cancellationToken) =>
        [
            .. (await proposals.BeamlinesAsync(cancellationToken)).Select(beamline => new JsonObject
            {
                ["_id"] = beamline.Id,
                ["pid"] = beamline.Id,
                ["uniqueName"] = beamline.Id,
                ["name"] = beamline.Title,
                ["customMetadata"] = new JsonObject { ["title_ja"] = beamline.TitleJa },
            }),
        ];
}
