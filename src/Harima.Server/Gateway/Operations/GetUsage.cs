using Harima.S3.Xml;
using Harima.Workspaces;
using Microsoft.Extensions.Options;

namespace Harima.Gateway.Operations;

/// <summary>An action of Ceph's, not of S3: what the caller's own buckets hold.</summary>
sealed class GetUsage(WorkspaceQueries workspaces, IOptions<WorkspaceOptions> options) : IS3Operation
{
    public S3Action Action => S3Action.GetUsage;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var totals = await workspaces.TotalsAsync(request.Principal, cancellationToken);
        await request.Response.WriteAsync(
            new Usage(options.Value.MostPerPerson, totals.Files, totals.SizeBytes),
            cancellationToken
        );
    }
}
