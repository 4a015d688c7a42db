#!/bin/sh
# Sign, pack and notarise dist/Capflow.app. Without an identity it only packs, and says so.
#   CAPFLOW_CODESIGN_IDENTITY   "Developer ID Application: …", as `security find-identity` lists it
#   CAPFLOW_NOTARY_PROFILE      a profile of `xcrun notarytool store-credentials`
set -eu
cd "$(dirname -- "$0")/../.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' capflow_gui/__init__.py)
image=dist/capflow-$version-macos-$(uname -m).dmg
if [ -n "${CAPFLOW_CODESIGN_IDENTITY:-}" ]; then
    codesign --force --deep --options runtime --timestamp --entitlements packaging/macos/entitlements.plist \
        --sign "$CAPFLOW_CODESIGN_IDENTITY" dist/Capflow.app
    codesign --verify --deep --strict dist/Capflow.app
else
    echo "not signed: CAPFLOW_CODESIGN_IDENTITY is not set" >&2
fi
hdiutil create -volname Capflow -srcfolder dist/Capflow.app -ov -format UDZO "$image"
if [ -n "${CAPFLOW_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$CAPFLOW_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
else
    echo "not notarised: CAPFLOW_NOTARY_PROFILE is not set" >&2
fi
