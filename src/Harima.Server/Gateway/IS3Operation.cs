namespace Harima.Gateway;

/// <summary>One S3 action: headers and query to one call of Core, its answer to headers and XML.</summary>
interface IS3Operation
{
    S3Action Action { get; }

    Task HandleAsync(S3Request request, CancellationToken cancellationToken);
}
