using System.Text;
using Harima.Gateway.Operations;
using Harima.Gateway.Sts;
using Harima.Hosting;
using Harima.S3.Signing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Harima.Gateway;

/// <summary>Puts the S3 gateway behind its door.</summary>
static class GatewaySetup
{
    public static IServiceCollection AddGateway(this IServiceCollection services) =>
        services
            .AddSingleton<SignatureVerifier>()
            .AddSingleton<Authenticator>()
            .AddSingleton<S3Hosts>()
            .AddSingleton<StsPipeline>()
            .AddSingleton<WebIdentities>()
            .AddSingleton<S3Pipeline>()
            .AddSingleton<IS3Operation, ListBuckets>()
            .AddSingleton<IS3Operation, HeadBucket>()
            .AddSingleton<IS3Operation, GetBucketLocation>()
            .AddSingleton<IS3Operation, GetBucketVersioning>()
            .AddSingleton<IS3Operation, PutBucketVersioning>()
            .AddSingleton<IS3Operation, ListObjects>()
            .AddSingleton<IS3Operation, ListObjectsV2>()
            .AddSingleton<IS3Operation, ListObjectVersions>()
            .AddSingleton<IS3Operation, ListMultipartUploads>()
            .AddSingleton<IS3Operation, DeleteObjects>()
            .AddSingleton<IS3Operation, GetObject>()
            .AddSingleton<IS3Operation, GetObjectAttributes>()
            .AddSingleton<IS3Operation, GetObjectTagging>()
            .AddSingleton<IS3Operation, PutObjectTagging>()
            .AddSingleton<IS3Operation, DeleteObjectTagging>()
            .AddSingleton<IS3Operation, HeadObject>()
            .AddSingleton<IS3Operation, PutObject>()
            .AddSingleton<IS3Operation, PostObject>()
            .AddSingleton<IS3Operation, CopyObject>()
            .AddSingleton<IS3Operation, DeleteObject>()
            .AddSingleton<IS3Operation, CreateMultipartUpload>()
            .AddSingleton<IS3Operation, UploadPart>()
            .AddSingleton<IS3Operation, UploadPartCopy>()
            .AddSingleton<IS3Operation, CompleteMultipartUpload>()
            .AddSingleton<IS3Operation, AbortMultipartUpload>()
            .AddSingleton<IS3Operation, ListParts>()
            .AddSingleton<IStartupFilter, Door>()
            .Configure<KestrelServerOptions>(kestrel =>
            {
                // Signatures cover the bytes of headers, whatever their encoding; Latin-1 keeps each byte a char.
                kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
                kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            });

    /// <summary>
    /// Takes the requests of the S3 port before routing sees them: a key may look like any path of the portal.
    /// </summary>
    sealed class Door(S3Pipeline pipeline) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.MapWhen(http => http.IsS3(), gateway => gateway.Run(pipeline.HandleAsync));
                next(app);
            };
    }
}
