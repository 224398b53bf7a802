using System.Globalization;
using Harima.Hosting;
using Harima.Sequences;
using Harima.Workspaces;
using Microsoft.Extensions.Options;

namespace Harima.Gateway.Operations;

sealed class HeadBucket(
    FilePlaces places,
    FileQueries files,
    IOptions<ServerOptions> options,
    IOptions<WorkspaceOptions> workspaces
) : IS3Operation
{
    public S3Action Action => S3Action.HeadBucket;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        // Clients of Ceph ask so how full a bucket is. Counting reads every row of it, so nobody may ask without saying who they are.
        if (request.Query("read-stats") == "true" && request.Signature is not null)
        {
            var totals = await files.TotalsAsync(request.Principal, request.Bucket, cancellationToken);
            Say("x-rgw-object-count", totals.Files);
            Say("x-rgw-bytes-used", totals.SizeBytes);
            Say("x-rgw-quota-max-buckets", workspaces.Value.MostPerPerson);
        }
        void Say(string header, long number) =>
            request.Response.Headers[header] = number.ToString(CultureInfo.InvariantCulture);

        request.Response.Headers["x-amz-bucket-region"] = options.Value.Region;
        request.Response.ContentType = "application/xml";
    }
}
