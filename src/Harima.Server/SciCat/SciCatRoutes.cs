using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>
/// Wires the surface that clients of SciCat speak to: <c>/api/v3</c> and <c>/api/v4</c> on the portal's port. Its contract is SciCat's, so
/// it is described in <c>docs/reference/scicat.md</c> and not in our OpenAPI.
/// </summary>
static class SciCatRoutes
{
    public static void MapSciCat(this WebApplication app)
    {
        foreach (var version in Enum.GetValues<SciCatVersion>())
        {
            var api = app.MapGroup(version == SciCatVersion.V3 ? "/api/v3" : "/api/v4").ExcludeFromDescription();
            api.MapUsers();
            api.MapDatasets();
            api.MapDatasetFiles();
            api.MapAttachments();
            api.MapSamples();
            api.MapProposals();
            api.MapInstruments();
            api.MapRest();
        }
        // Where scitacean looks when it has stripped the version.
        app.MapGroup("/api").ExcludeFromDescription().MapLogins();
        app.MapGroup("").ExcludeFromDescription().MapLogins();
    }
}
